import { InputError } from '@dynact/files';
import { mostSeeds, runFolderName } from '@dynact/runs/records';
import {
  type Config,
  mergeConfig,
  parseConfig,
  quarters,
  type RawConfig,
  evaluationSteps as trainingEvaluationSteps,
} from '@dynact/training';
import { resolveModelConfig } from '@dynact/transformer';

/** A run of a comparison: a variant with a seed, in a folder of its own inside the comparison's. */
export interface RunPlace {
  readonly variant: string;
  readonly seed: number;
  /** Relative to the comparison's folder. */
  readonly folder: string;
}

/** One run of a language model. */
export interface PlannedRun extends RunPlace {
  readonly config: Config;
}

/** Everything that a comparison trains and compares, fixed before the first step. */
export interface ComparisonPlan {
  readonly config: Config;
  readonly baseline: string;
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  /** The steps that are compared, the last step among them; step 0 is evaluated too. */
  readonly evaluationSteps: readonly number[];
  readonly runs: readonly PlannedRun[];
}

const variantSections = ['model', 'training'];
/** Settings that must be equal for losses at a step to mean the same amount of text. */
const fixedTraining = ['steps', 'batchSize', 'gradientAccumulation', 'evaluation'];

/**
 * Plans a comparison from a configuration before its defaults are filled in, so that a variant overrides what the file
 * says and nothing else.
 * @throws InputError naming the field that is wrong
 */
export function planComparison(raw: RawConfig, source = 'config'): ComparisonPlan {
  const config = parseConfig(raw, source);
  const { baseline, variants, seeds } = config.comparison;
  if (raw.seed !== undefined)
    throw new InputError('comparison', `${source}: seed: a comparison takes comparison.seeds; leave seed out`);
  const names = Object.keys(variants);
  if (!names.includes(baseline)) {
    throw new InputError(
      'comparison',
      `${source}: comparison.baseline: "${baseline}" is not a variant; use one of ${names.join(', ')}`,
    );
  }
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (twice !== undefined)
    throw new InputError('comparison', `${source}: comparison.seeds: ${twice} stands twice; name each seed once`);
  if (seeds.length > mostSeeds) {
    throw new InputError(
      'comparison',
      `${source}: comparison.seeds: ${seeds.length} are too many for the exact test; use at most ${mostSeeds}`,
    );
  }
  const evaluationSteps = comparedSteps(config, source);
  const runs = names.flatMap((variant) => {
    const variantConfig = configOfVariant(raw, config, variant, evaluationSteps, source);
    return seeds.map((seed) => ({
      variant,
      seed,
      folder: runFolderName(variant, seed),
      config: { ...variantConfig, seed },
    }));
  });
  refuseEqualVariants(runs, source);
  return { config, baseline, variants: names, seeds, evaluationSteps, runs };
}

/** Two variants of one model would differ by nothing, and the table would not say why. */
function refuseEqualVariants(runs: readonly PlannedRun[], source: string): void {
  const seen = new Map<string, string>();
  for (const { variant, config } of runs) {
    const key = JSON.stringify([resolveModelConfig(config.model, config.dataset.vocabSize), config.training]);
    const equal = seen.get(key);
    if (equal !== undefined && equal !== variant) {
      throw new InputError(
        'comparison',
        `${source}: comparison.variants: ${equal} and ${variant} are the same model; leave one out`,
      );
    }
    seen.set(key, variant);
  }
}

/** Those of `comparison.evaluationSteps`, else those at which the training is evaluated, else the quarters of the run. */
function comparedSteps({ training, comparison }: Config, source: string): number[] {
  const { steps, evaluation } = training;
  const isEvaluated = evaluation.every !== undefined || evaluation.steps !== undefined;
  const given = comparison.evaluationSteps ?? (isEvaluated ? trainingEvaluationSteps(training) : quarters(0, steps));
  const beyond = given.find((step) => step > steps);
  if (beyond !== undefined) {
    throw new InputError(
      'comparison',
      `${source}: comparison.evaluationSteps: step ${beyond} lies beyond training.steps ${steps}`,
    );
  }
  return [...new Set([...given, steps])].filter((step) => step > 0).sort((a, b) => a - b);
}

function configOfVariant(
  raw: RawConfig,
  config: Config,
  name: string,
  steps: readonly number[],
  source: string,
): Config {
  const where = `${source}: comparison.variants.${name}`;
  if (!/^[\w.+-]+$/.test(name) || name.startsWith('.')) {
    throw new InputError(
      'comparison',
      `${where}: the name becomes a folder; use letters, digits, "-", "_", "+" and "."`,
    );
  }
  const override = config.comparison.variants[name] as RawConfig;
  const foreign = Object.keys(override).find((section) => !variantSections.includes(section));
  if (foreign !== undefined) {
    throw new InputError(
      'comparison',
      `${where}.${foreign}: a variant may change ${variantSections.join(' and ')}, nothing else`,
    );
  }
  const { comparison: _, ...shared } = raw;
  const merged = mergeConfig(shared, override);
  const variantConfig = parseConfig(merged, where);
  for (const field of fixedTraining as (keyof Config['training'])[]) {
    if (JSON.stringify(variantConfig.training[field]) !== JSON.stringify(config.training[field])) {
      throw new InputError(
        'comparison',
        `${where}.training.${field}: it must be the same for every variant; set it for all`,
      );
    }
  }
  checkModel(variantConfig, where);
  const { batches } = variantConfig.training.evaluation;
  const evaluation = { steps: [...steps], batches };
  return { ...variantConfig, training: { ...variantConfig.training, evaluation } };
}

/** Widths that do not fit are found before anything is trained, and the variant that has them is named. */
function checkModel({ model, dataset }: Config, where: string): void {
  try {
    resolveModelConfig(model, dataset.vocabSize);
  } catch (error) {
    if (error instanceof InputError) throw new InputError('comparison', `${where}: ${error.message}`);
    throw error;
  }
}
