/** The files of a run folder, as zod schemas: what other tools may rely on. Numbers are finite, losses are in nats per token. */
import { z } from 'zod';
import { metricSchema } from './metric-schema.ts';
import { currentComparison, currentEvaluation, currentSummary } from './old-forms.ts';

const step = z.int().nonnegative();
const count = z.int().nonnegative();

/**
 * One optimizer step, as logged: the loss of its batch before the update. `elapsedMs` counts training time since step 0.
 * Where several processes trained it, rank 0 says what that cost it: waiting for the others, sending and adding, and
 * bringing gradients from the device.
 */
export const trainRecordSchema = z.strictObject({
  kind: z.literal('train'),
  step,
  tokens: count,
  loss: z.number(),
  learningRate: z.number(),
  gradientNorm: z.number().nonnegative(),
  tokensPerSecond: z.number().nonnegative(),
  exchangeMs: z.number().nonnegative().exactOptional(),
  copyMs: z.number().nonnegative().exactOptional(),
  elapsedMs: z.number().nonnegative(),
});

/** Figures beside the loss, by name. */
const metrics = z.record(z.string(), z.number());

/**
 * A loss over a split, and other figures. Those of language models: perplexity = exp(loss); bitsPerByte = summed nats /
 * (ln 2 x UTF-8 bytes of the predicted tokens).
 */
export const evaluationRecordSchema = z.strictObject({
  kind: z.literal('evaluation'),
  step,
  tokens: count,
  split: z.enum(['train', 'validation', 'test']),
  loss: z.number(),
  metrics,
  elapsedMs: z.number().nonnegative(),
});

/** The loss over all of a split, once a run has its last step: of more text than the evaluations, and not to be compared with them. */
export const wholeSplitRecordSchema = z.strictObject({
  ...evaluationRecordSchema.shape,
  kind: z.literal('whole-split'),
});

/** The end of a run that went on after `step`, now with `steps` in all; `schedule` is the course of the learning rate. */
export const stretchRecordSchema = z.strictObject({
  kind: z.literal('stretch'),
  step,
  steps: count,
  schedule: z.enum(['keep', 'restart']),
});

/** A trainable activation parameter of one layer; a list where there is one value per channel. */
export const activationRecordSchema = z.strictObject({
  kind: z.literal('activation'),
  step,
  layer: count,
  name: z.string(),
  value: z.union([z.number(), z.array(z.number())]),
});

/** Text that the model wrote during training. */
export const sampleRecordSchema = z.strictObject({
  kind: z.literal('sample'),
  step,
  prompt: z.string(),
  text: z.string(),
});

/**
 * The step whose loss, gradient or parameters were no longer finite, or whose loss had blown up, and the parameters that
 * went first, with commas between them; `loss` where none can be named.
 */
export const divergedRecordSchema = z.strictObject({ kind: z.literal('diverged'), step, parameter: z.string() });

/** One line of metrics.jsonl. */
export const metricsRecordSchema = z.preprocess(
  currentEvaluation,
  z.discriminatedUnion('kind', [
    trainRecordSchema,
    evaluationRecordSchema,
    wholeSplitRecordSchema,
    stretchRecordSchema,
    activationRecordSchema,
    sampleRecordSchema,
    divergedRecordSchema,
  ]),
);

/** sha256 of the token files that a run learns from and is evaluated on: the same name may come to hold another text. */
const tokenDigestsSchema = z.strictObject({ train: z.string(), validation: z.string() });

/** A file of a user's own code that a run's model is made with: its path, what it holds, and the names that it defines. */
const pluginRecordSchema = z.strictObject({
  file: z.string(),
  sha256: z.string(),
  /** Of its code alone, without comments, types and white space; absent in older runs. */
  codeSha256: z.string().optional(),
  names: z.array(z.string()),
});

/** config.json: everything needed to repeat the run. */
export const runConfigSchema = z.strictObject({
  config: z.record(z.string(), z.json()),
  versions: z.record(z.string(), z.string()),
  backend: z.strictObject({ name: z.string(), device: z.string(), threads: z.int().positive() }),
  /** Absent in version 0.1's first runs. `gpu` is null where there is none. */
  machine: z.strictObject({ host: z.string(), cpu: z.string(), gpu: z.string().nullable() }).optional(),
  /** How many processes trained the run together as it began; absent where it was one. */
  ranks: z.int().positive().optional(),
  gitCommit: z.string().nullable(),
  tokens: tokenDigestsSchema.optional(),
  /** Operations of training for each token: a live page needs them before there is a summary. Runs of version 0.1's first days lack it. */
  flopsPerToken: z.number().nonnegative().optional(),
  plugins: z.array(pluginRecordSchema).optional(),
});

/** An evaluation without its circumstances. */
export const evaluationPointSchema = z.preprocess(
  currentEvaluation,
  z.strictObject({ step, loss: z.number(), metrics }),
);

/**
 * summary.json. `final` is the last evaluation and `best` the one of the lowest loss, both over the windows that every
 * evaluation has (the first `training.evaluation.batches`); `wholeSplit` is over all of the validation split at the last
 * step, null where that was not reached. `parameters` counts every trainable number, `activationParameters` those of activations among them.
 */
export const summarySchema = z.preprocess(
  currentSummary,
  z.strictObject({
    status: z.enum(['finished', 'diverged']),
    step,
    tokens: count,
    final: evaluationPointSchema.nullable(),
    best: evaluationPointSchema.nullable(),
    wholeSplit: evaluationPointSchema.nullable(),
    tokensPerSecond: z.number().nonnegative(),
    parameters: count,
    activationParameters: count,
    flopsPerToken: z.number().nonnegative(),
  }),
);

/** state.json of a checkpoint: the step, and whatever else the training loop needs to go on. */
export const checkpointStateSchema = z.looseObject({
  step,
  /** Digests of its two files of tensors, in hexadecimal; absent in checkpoints of version 0.1's first days, and of the playground. */
  sha256: z.object({ weights: z.string(), optimizer: z.string() }).optional(),
});

/** One run of a comparison; `evaluations` are those of the validation split at the evaluation steps, 0 first. */
export const comparisonRunSchema = z.strictObject({
  seed: z.int(),
  status: z.enum(['finished', 'diverged']),
  evaluations: z.array(evaluationPointSchema),
});

/** One gate in a comparison, with its runs in the order of the seeds. */
export const comparisonVariantSchema = z.strictObject({
  name: z.string(),
  parameters: count,
  flopsPerToken: z.number().nonnegative(),
  runs: z.array(comparisonRunSchema),
});

/**
 * A variant against the baseline at one evaluation step, over the `n` seeds where both have a value there: the mean of the
 * differences (variant - baseline) as the metric's scale compares them. `relativeReduction` is the share by which an
 * exponential metric is lower. Null: not defined for this `n` (no pair; no interval from one pair) or scale.
 */
export const pairedResultSchema = z.strictObject({
  baseline: z.string(),
  variant: z.string(),
  step,
  n: count,
  meanDifference: z.number().nullable(),
  ci95: z.tuple([z.number(), z.number()]).nullable(),
  pValue: z.number().min(0).max(1).nullable(),
  relativeReduction: z.number().nullable(),
});

/** comparison.json. It holds no time and no date, so that equal comparisons are equal files. */
export const comparisonSchema = z.preprocess(
  currentComparison,
  z.strictObject({
    dataset: z.string(),
    metric: metricSchema,
    steps: z.int().positive(),
    evaluationSteps: z.array(step).nonempty(),
    seeds: z.array(z.int()),
    /** Language models only: perplexity of the validation split under the token frequencies of the training split. */
    unigramPerplexity: z.number().positive().optional(),
    variants: z.array(comparisonVariantSchema).nonempty(),
    paired: z.array(pairedResultSchema),
  }),
);

/** The first split whose tokens differ, or undefined. */
export function differingSplit(a: TokenDigests, b: TokenDigests): keyof TokenDigests | undefined {
  return (['train', 'validation'] as const).find((split) => a[split] !== b[split]);
}

export type TrainRecord = z.infer<typeof trainRecordSchema>;
export type EvaluationRecord = z.infer<typeof evaluationRecordSchema>;
export type ActivationRecord = z.infer<typeof activationRecordSchema>;
export type SampleRecord = z.infer<typeof sampleRecordSchema>;
export type DivergedRecord = z.infer<typeof divergedRecordSchema>;
export type MetricsRecord = z.infer<typeof metricsRecordSchema>;
export type TokenDigests = z.infer<typeof tokenDigestsSchema>;
export type PluginRecord = z.infer<typeof pluginRecordSchema>;
export type RunConfig = z.infer<typeof runConfigSchema>;
export type EvaluationPoint = z.infer<typeof evaluationPointSchema>;
export type Summary = z.infer<typeof summarySchema>;
export type CheckpointState = z.infer<typeof checkpointStateSchema>;
export type ComparisonRun = z.infer<typeof comparisonRunSchema>;
export type ComparisonVariant = z.infer<typeof comparisonVariantSchema>;
export type PairedResult = z.infer<typeof pairedResultSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
