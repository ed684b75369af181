import type { RawConfig } from './overrides.ts';

/** Configurations by name. Each lists only what it changes in the defaults of the schema, and why. */
export const presets = {
  /** What `npm start` compares: small enough for four runs in a few minutes on two cores. */
  default: {
    training: { steps: 240, batchSize: 16, optimizer: { learningRate: 3e-3 } },
    comparison: { checkpoints: [60, 120, 180, 240] },
  },
} as const satisfies Record<string, RawConfig>;

export type PresetName = keyof typeof presets;
