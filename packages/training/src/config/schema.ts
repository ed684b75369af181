import { type BackendConfig, backendConfigSchema } from '@dynact/backends/config';
import { optimizerSchema, scheduleSchema } from '@dynact/nn';
import { modelConfigSchema } from '@dynact/transformer';
import { z } from 'zod';

export type { BackendConfig };

const positiveInteger = z.number().int().positive();
const wholeNumber = z.number().int().nonnegative();
const seed = z.number().int().nonnegative().max(0xffffffff);

const datasetSchema = z.strictObject({
  name: z.string().min(1).default('gutenberg-books').describe('a definition in datasets/, or a path of text'),
  encoding: z.enum(['r50k_base', 'cl100k_base', 'o200k_base']).default('r50k_base').describe('of gpt-tokenizer'),
  vocabSize: z.number().int().min(257).default(1024).describe('byte-pair ranks kept, plus one for <|endoftext|>'),
});

const evaluationSchema = z.strictObject({
  steps: z
    .array(wholeNumber)
    .optional()
    .describe('steps after which to evaluate; by default each quarter of the run; 0 and the last are always'),
  every: positiveInteger
    .optional()
    .describe('evaluate every so many steps, instead of `steps`; by default a quarter of the run'),
  batches: positiveInteger
    .default(16)
    .describe('validation batches of every evaluation; the whole split is a figure of its own after the last step'),
});

const checkpointSchema = z.strictObject({
  every: positiveInteger.optional().describe('steps between checkpoints; by default only at the end'),
  keep: positiveInteger.default(2).describe('how many of the newest stay'),
  best: z
    .boolean()
    .default(true)
    .describe('write and keep one where the loss of the first `evaluation.batches` was lowest'),
});

const divergenceSchema = z.strictObject({
  lossRise: z
    .number()
    .positive()
    .nullable()
    .default(3)
    .describe('nats that the smoothed training loss may rise above its lowest value; null for no limit'),
});

const movingAverageSchema = z.strictObject({
  decay: z.number().min(0).lt(1).default(0.999).describe('share of the average that stays at each step'),
});

const sampleSchema = z.strictObject({
  prompt: z.string().min(1).describe('what to continue'),
  every: positiveInteger.optional().describe('steps between samples; by default one at each evaluation'),
  maxTokens: positiveInteger.default(48).describe('tokens to add at most'),
  temperature: z.number().min(0).default(0.8).describe('divides the logits; 0 takes the likeliest token'),
  topK: positiveInteger.optional().describe('draw from the k likeliest tokens only; by default from all'),
  topP: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe('draw from the fewest tokens with this probability together; by default from all'),
});

const stretchSchema = z.strictObject({
  after: positiveInteger.describe('the last step of the stretch before'),
  schedule: z.enum(['keep', 'restart']).describe('the learning rate stays as it ended, or its schedule begins anew'),
});

const trainingConfigSchema = z
  .strictObject({
    steps: positiveInteger.default(400).describe('optimizer steps'),
    stretches: z.array(stretchSchema).default([]).describe('where a run went on that was to end, one entry each time'),
    from: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('a run folder or a checkpoint in one whose weights to begin with; null for new ones'),
    // More sequences at a time than anybody has memory for; gradientAccumulation takes larger steps.
    batchSize: positiveInteger.max(65_536).default(16).describe('sequences of one forward and backward pass'),
    gradientAccumulation: positiveInteger
      .max(1_000_000)
      .default(1)
      .describe('passes whose gradients are averaged in one step'),
    optimizer: optimizerSchema,
    schedule: scheduleSchema,
    gradientClip: z
      .number()
      .positive()
      .nullable()
      .default(1)
      .describe('largest global norm of the gradient; null for none'),
    evaluation: evaluationSchema.prefault({}),
    checkpoint: checkpointSchema.prefault({}),
    sample: sampleSchema.nullable().default(null).describe('text that the model writes while it learns; null for none'),
    divergence: divergenceSchema.prefault({}),
    movingAverage: movingAverageSchema
      .nullable()
      .default(null)
      .describe('evaluate, sample and export an exponential moving average of the weights; null for the weights'),
  })
  .refine(
    ({ steps, stretches }) =>
      [...stretches, { after: steps }].every(({ after }, index) => after > (stretches[index - 1]?.after ?? 0)),
    {
      path: ['stretches'],
      message: 'each begins after the one before it, and before training.steps',
    },
  );

/** Where the runs of a comparison are trained. */
export const executorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('processes').describe('of this machine') }),
  z.strictObject({
    kind: z.literal('slurm').describe('jobs of a Slurm cluster; each takes backend.threads cores, by default 1'),
    concurrent: positiveInteger.optional().describe('jobs at a time; by default as many as the cluster takes'),
    partition: z.string().min(1).optional().describe('by default the one of the cluster'),
    minutes: positiveInteger
      .optional()
      .describe('time limit of a job, which goes on in another one after it; by default the one of the partition'),
    memory: z
      .string()
      .regex(/^\d+[KMGT]?$/)
      .optional()
      .describe('of a job, as sbatch takes it: 4G; by default what the cluster gives'),
    gpus: positiveInteger.optional().describe('of a job; by default none'),
    extra: z
      .array(z.string().regex(/^--\S.*$/))
      .default([])
      .describe('more options of sbatch, such as --account=x'),
  }),
]);

/** A comparison: the variants are partial configurations laid over the rest of the file. */
const comparisonConfigSchema = z.strictObject({
  baseline: z.string().default('swiglu').describe('the variant that the others are compared with'),
  variants: z
    .record(z.string().min(1), z.record(z.string(), z.unknown()))
    .default({
      swiglu: { model: { feedForward: { kind: 'swiglu' } } },
      dynactglu: { model: { feedForward: { kind: 'dynactglu' } } },
    })
    .describe('name -> partial configuration'),
  seeds: z.array(seed).min(1).default([0, 1]).describe('one run of every variant for each'),
  evaluationSteps: z
    .array(wholeNumber)
    .optional()
    .describe('steps that are compared; by default those of training.evaluation, or quarters of the run'),
  jobs: positiveInteger.default(1).describe('runs at a time; each gets its share of the cores'),
  executor: executorSchema.prefault({ kind: 'processes' }),
});

/** All that a run or a comparison is made from. Unknown keys are refused at every level. */
export const configSchema = z.strictObject({
  seed: seed.default(0).describe('of every random stream'),
  dataset: datasetSchema.prefault({}),
  model: modelConfigSchema.prefault({}),
  training: trainingConfigSchema.prefault({}),
  comparison: comparisonConfigSchema.prefault({}),
  backend: backendConfigSchema.prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type TrainingConfig = Config['training'];
export type ComparisonConfig = Config['comparison'];
