import { z } from 'zod';
import { isObject } from './old-forms.ts';

/** Parts of a comparison's config.json that say which runs there are and where they are compared; what reads more extends it. */
export const comparisonDescriptionSchema = z.object({
  baseline: z.string(),
  evaluationSteps: z.array(z.int()),
  seeds: z.array(z.int()),
});

/** A description as version 0.1 wrote it, which called evaluation steps checkpoints, as one of today. */
export function currentDescription(value: unknown): unknown {
  if (!isObject(value) || 'evaluationSteps' in value) return value;
  const { checkpoints = [], ...rest } = value;
  return { ...rest, evaluationSteps: checkpoints };
}
