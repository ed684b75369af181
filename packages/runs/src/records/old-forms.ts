import { perplexity } from './metric.ts';

/** The forms of version 0.1 that readers still take; writers never make them. Anything else goes on to its schema as it is. */

/** An evaluation, in a log or in a summary: its figures stood beside the loss. */
export function currentEvaluation(value: unknown): unknown {
  if (!isObject(value) || !('perplexity' in value) || 'metrics' in value) return value;
  const { perplexity: measured, bitsPerByte, ...rest } = value;
  return { ...rest, metrics: { perplexity: measured, bitsPerByte } };
}

/** summary.json: the last evaluation of a finished run was over the whole split, and there was no other. */
export function currentSummary(value: unknown): unknown {
  if (!isObject(value) || 'wholeSplit' in value || !('final' in value)) return value;
  return { ...value, wholeSplit: value.status === 'finished' ? value.final : null };
}

/** comparison.json: it was always about perplexity, and its evaluation steps were called checkpoints. */
export function currentComparison(value: unknown): unknown {
  if (!isObject(value) || !('checkpoints' in value) || 'evaluationSteps' in value) return value;
  const { checkpoints, paired, ...rest } = value;
  return {
    ...rest,
    metric: perplexity,
    evaluationSteps: checkpoints,
    paired: Array.isArray(paired) ? paired.map(currentPairedResult) : paired,
  };
}

function currentPairedResult(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { meanLossDifference, relativePerplexityReduction, ...rest } = value;
  return { ...rest, meanDifference: meanLossDifference, relativeReduction: relativePerplexityReduction };
}

/** Whether a value has keys. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
