/** The files of a run folder, as zod schemas: what other tools may rely on. Numbers are finite, losses are in nats per token. */
import { z } from 'zod';

const step = z.int().nonnegative();
const count = z.int().nonnegative();

/** One optimizer step, as logged: the loss of its batch before the update. `elapsedMs` counts training time since step 0. */
export const trainRecordSchema = z.strictObject({
  kind: z.literal('train'),
  step,
  tokens: count,
  loss: z.number(),
  learningRate: z.number(),
  gradientNorm: z.number().nonnegative(),
  tokensPerSecond: z.number().nonnegative(),
  elapsedMs: z.number().nonnegative(),
});

/** A loss over a split: perplexity = exp(loss); bitsPerByte = summed nats / (ln 2 x UTF-8 bytes of the predicted tokens). */
export const evaluationRecordSchema = z.strictObject({
  kind: z.literal('evaluation'),
  step,
  tokens: count,
  split: z.enum(['train', 'validation', 'test']),
  loss: z.number(),
  perplexity: z.number(),
  bitsPerByte: z.number(),
  elapsedMs: z.number().nonnegative(),
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
export const metricsRecordSchema = z.discriminatedUnion('kind', [
  trainRecordSchema,
  evaluationRecordSchema,
  activationRecordSchema,
  sampleRecordSchema,
  divergedRecordSchema,
]);

/** config.json: everything needed to repeat the run. */
export const runConfigSchema = z.strictObject({
  config: z.record(z.string(), z.json()),
  versions: z.record(z.string(), z.string()),
  backend: z.strictObject({ name: z.string(), device: z.string(), threads: z.int().positive() }),
  gitCommit: z.string().nullable(),
  /** sha256 of the token files that the run learns from and is evaluated on. */
  tokens: z.strictObject({ train: z.string(), validation: z.string() }).optional(),
});

const evaluationPointSchema = z.strictObject({
  step,
  loss: z.number(),
  perplexity: z.number(),
  bitsPerByte: z.number(),
});

/**
 * summary.json. `final` is the last evaluation, over the whole validation split where the run finished. `best` is the
 * lowest loss over the batches that every evaluation has (the first `training.evaluation.batches`): what is over another
 * text is not compared. `parameters` counts every trainable number, `activationParameters` those of activations among them.
 */
export const summarySchema = z.strictObject({
  status: z.enum(['finished', 'diverged']),
  step,
  tokens: count,
  final: evaluationPointSchema.nullable(),
  best: evaluationPointSchema.nullable(),
  tokensPerSecond: z.number().nonnegative(),
  parameters: count,
  activationParameters: count,
  flopsPerToken: z.number().nonnegative(),
});

/** state.json of a checkpoint: the step, and whatever else the training loop needs to go on. */
export const checkpointStateSchema = z.looseObject({ step });

/** One run of a comparison; `evaluations` are those of the validation split at the checkpoints, step 0 first. */
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

/** A variant against the baseline at one checkpoint, over the `n` seeds where both have a loss there.
 * Null: not defined at this `n` (no pair; no interval from one pair). A negative difference favours the variant. */
export const pairedResultSchema = z.strictObject({
  baseline: z.string(),
  variant: z.string(),
  step,
  n: count,
  meanLossDifference: z.number().nullable(),
  ci95: z.tuple([z.number(), z.number()]).nullable(),
  pValue: z.number().min(0).max(1).nullable(),
  relativePerplexityReduction: z.number().nullable(),
});

/** comparison.json. It holds no time and no date, so that equal comparisons are equal files. */
export const comparisonSchema = z.strictObject({
  dataset: z.string(),
  steps: z.int().positive(),
  checkpoints: z.array(step),
  seeds: z.array(z.int()),
  unigramPerplexity: z.number().positive(),
  variants: z.array(comparisonVariantSchema),
  paired: z.array(pairedResultSchema),
});

export type TrainRecord = z.infer<typeof trainRecordSchema>;
export type EvaluationRecord = z.infer<typeof evaluationRecordSchema>;
export type ActivationRecord = z.infer<typeof activationRecordSchema>;
export type SampleRecord = z.infer<typeof sampleRecordSchema>;
export type DivergedRecord = z.infer<typeof divergedRecordSchema>;
export type MetricsRecord = z.infer<typeof metricsRecordSchema>;
export type RunConfig = z.infer<typeof runConfigSchema>;
export type EvaluationPoint = z.infer<typeof evaluationPointSchema>;
export type Summary = z.infer<typeof summarySchema>;
export type CheckpointState = z.infer<typeof checkpointStateSchema>;
export type ComparisonRun = z.infer<typeof comparisonRunSchema>;
export type ComparisonVariant = z.infer<typeof comparisonVariantSchema>;
export type PairedResult = z.infer<typeof pairedResultSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
