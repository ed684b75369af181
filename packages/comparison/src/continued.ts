import { isDeepStrictEqual } from 'node:util';
import { evaluationSteps, mergeConfig, parseConfig, quarters, type RawConfig } from '@dynact/training';
import { readDescription } from './description.ts';

/**
 * The configuration of the comparison in a folder, so that it is continued, or another one is made of it, without being
 * named again. What its variants have in common is shared, so that settings laid over it reach all of them.
 */
export function recordedConfiguration(directory: string): RawConfig | undefined {
  const description = readDescription(directory);
  if (description === undefined) return undefined;
  const { baseline, evaluationSteps, seeds, variants } = description;
  const all = Object.values(variants) as unknown as Record<'model' | 'training' | 'dataset' | 'backend', RawConfig>[];
  const [first] = all;
  const model = common(all.map((variant) => variant.model));
  const training = common(all.map((variant) => variant.training));
  const { hiddenWidth } = common(all.map((variant) => variant.model.feedForward as RawConfig));
  return {
    dataset: first!.dataset,
    backend: first!.backend,
    // A variant's block is its own, all but a width that is equal in all.
    model: { ...model, feedForward: hiddenWidth === undefined ? {} : { hiddenWidth } },
    training,
    comparison: {
      baseline,
      evaluationSteps,
      seeds,
      variants: Object.fromEntries(
        Object.entries(variants).map(([name, { model: own, training: ownTraining }]) => [
          name,
          {
            model: { ...without(own, model), feedForward: own.feedForward },
            training: without(ownTraining, training),
          },
        ]),
      ),
    },
  };
}

/**
 * A configuration with the evaluation steps of the comparison in a folder, where nothing else is said: those that it has,
 * and for added steps those that are asked for, or their quarters.
 */
export function withRecordedEvaluations(raw: RawConfig, source: string, directory: string): RawConfig {
  const known = readDescription(directory);
  if (known === undefined) return raw;
  const { training, comparison } = parseConfig(raw, source);
  const { steps, evaluation } = training;
  const isEvaluated = evaluation.steps !== undefined || evaluation.every !== undefined;
  const asked = comparison.evaluationSteps ?? (isEvaluated ? evaluationSteps(training) : undefined);
  const before = known.evaluationSteps.at(-1)!;
  // Fewer steps are another comparison, which is said when the folder is opened.
  if (steps < before) {
    return mergeConfig(raw, { comparison: { evaluationSteps: known.evaluationSteps.filter((step) => step <= steps) } });
  }
  // Steps that were added later are more than a call of before asks for.
  if (steps === before && asked?.some((step) => step > 0 && !known.evaluationSteps.includes(step))) return raw;
  const later = (asked ?? []).filter((step) => step > before);
  const added = later.length > 0 ? later : quarters(before, steps);
  return mergeConfig(raw, { comparison: { evaluationSteps: [...known.evaluationSteps, ...added] } });
}

/** The keys that are alike in all, and those of the first that the others replace whole. */
function common(objects: readonly RawConfig[]): RawConfig {
  const [first, ...others] = objects;
  const isReplaced = (key: string, object: RawConfig) =>
    key in object &&
    isDeepStrictEqual(mergeConfig({ [key]: first![key] }, { [key]: object[key] }), { [key]: object[key] });
  return Object.fromEntries(
    Object.entries(first!).filter(([key]) => others.every((object) => isReplaced(key, object))),
  );
}

function without(object: object, shared: RawConfig): RawConfig {
  return Object.fromEntries(Object.entries(object).filter(([key, value]) => !isDeepStrictEqual(shared[key], value)));
}
