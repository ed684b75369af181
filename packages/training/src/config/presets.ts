import type { RawConfig } from './overrides.ts';

/** Configurations by name. Each lists only what it changes in the defaults of the schema, and why. */
export const presets = {
  /**
   * The comparison of `npm start`: small enough for four runs in a few minutes on two cores. A learning rate of 3e-3
   * ends lower, but at 240 steps its seeds differ more than the variants do.
   */
  default: {
    training: { steps: 240 },
    comparison: { evaluationSteps: [60, 120, 180, 240] },
  },

  /** Seconds on any machine: to see that everything works. */
  nano: {
    dataset: { vocabSize: 512 },
    model: { layers: 2, width: 64, heads: 2, context: 64 },
    training: { steps: 200, optimizer: { learningRate: 5e-3 } },
  },

  /** The default model until it has seen the books twice. */
  micro: {
    training: {
      steps: 2000,
      // Small models take larger steps than the default is meant for.
      optimizer: { learningRate: 3e-3 },
      schedule: { warmupSteps: 100 },
      evaluation: { steps: [100, 250, 500, 1000, 1500, 2000] },
      // So that a person sees it learn.
      sample: { prompt: 'Emma said' },
    },
    comparison: { seeds: [0, 1, 2] },
  },

  /** nanoGPT's first training for a CPU, of Shakespeare by characters (github.com/karpathy/nanoGPT): a loss to compare with. */
  shakespeare: {
    // Its text is ASCII, so bytes are its characters.
    dataset: { name: 'tiny-shakespeare', vocabSize: 257 },
    model: {
      layers: 4,
      width: 128,
      heads: 4,
      context: 64,
      // 513 features in the plain layers, where 4 x width is 512: the gated width is two thirds.
      feedForward: { kind: 'mlp', hiddenWidth: 342 },
      norm: 'layernorm',
      normEpsilon: 1e-5,
      position: 'learned',
      initialization: { embeddingStandardDeviation: 0.02 },
    },
    training: {
      steps: 2000,
      batchSize: 12,
      optimizer: { learningRate: 1e-3, beta2: 0.99 },
      schedule: { warmupSteps: 100 },
      evaluation: { every: 250 },
      sample: { prompt: 'ROMEO:', maxTokens: 200 },
    },
  },

  /** For a desktop computer and some hours; wants a corpus larger than the books. */
  small: {
    dataset: { vocabSize: 8192 },
    model: { layers: 6, width: 384, heads: 6, context: 256 },
    training: {
      steps: 10_000,
      batchSize: 8,
      // 16 thousand tokens a step, in passes that fit into a cache.
      gradientAccumulation: 8,
      schedule: { warmupSteps: 200 },
      evaluation: { every: 500 },
      checkpoint: { every: 500 },
    },
  },

  /** GPT-2 small as published (Radford et al. 2019), with the training recipe that nanoGPT found to reproduce it. */
  'gpt2-124m': {
    dataset: { vocabSize: 50_257 },
    model: {
      layers: 12,
      width: 768,
      heads: 12,
      context: 1024,
      // Plain layers of 4 x width: the gated width is two thirds of that. GPT-2 uses the tanh form of GELU.
      feedForward: { kind: 'mlp', hiddenWidth: 2048, activation: { name: 'gelu-tanh' } },
      norm: 'layernorm',
      normEpsilon: 1e-5,
      position: 'learned',
      bias: true,
      dropout: 0.1,
      initialization: { embeddingStandardDeviation: 0.02 },
    },
    training: {
      steps: 600_000,
      batchSize: 4,
      // Half a million tokens a step.
      gradientAccumulation: 120,
      optimizer: { learningRate: 6e-4 },
      schedule: { warmupSteps: 2000 },
      evaluation: { every: 1000 },
      checkpoint: { every: 1000 },
    },
  },

  /** The architecture of Llama (Touvron et al., arXiv 2307.09288) in small: what `dynact export` writes for transformers. */
  'llama-style': {
    dataset: { vocabSize: 8192 },
    model: {
      layers: 8,
      width: 512,
      heads: 8,
      // Four queries share a key: a quarter of the key-value cache, as in the larger Llamas.
      kvHeads: 2,
      context: 512,
      normEpsilon: 1e-5,
      tieEmbeddings: false,
    },
    training: {
      steps: 20_000,
      batchSize: 4,
      gradientAccumulation: 16,
      optimizer: { learningRate: 6e-4 },
      schedule: { warmupSteps: 500 },
      evaluation: { every: 1000 },
      checkpoint: { every: 1000 },
    },
  },
} as const satisfies Record<string, RawConfig>;

export type PresetName = keyof typeof presets;
