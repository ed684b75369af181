import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ProgramIdentity } from '@dynact/comparison';
import { type PreparedDataset, prepareDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import {
  type Config,
  type configSchema,
  mergeConfig,
  type PresetName,
  presets,
  type RawConfig,
} from '@dynact/training';
import type { z } from 'zod';

/** Settings of runs and comparisons. All of it may be left out; later ones lie over earlier ones. */
export interface Settings {
  readonly preset?: PresetName;
  /** Configuration as a file has it; `dynact options` lists all of it. */
  readonly config?: z.input<typeof configSchema>;
  /** Optimizer steps. */
  readonly steps?: number;
  /** Sequences of one forward and backward pass. */
  readonly batchSize?: number;
  /** At its peak. */
  readonly learningRate?: number;
  /** Files of activations and blocks of your own; they are run. */
  readonly plugins?: readonly string[];
  /** Where texts are kept as tokens, and definitions of corpora lie; by default `datasets` in the working folder. */
  readonly datasets?: string;
}

/** The names of the settings. */
export const settingNames = {
  preset: true,
  config: true,
  steps: true,
  batchSize: true,
  learningRate: true,
  plugins: true,
  datasets: true,
} satisfies Record<keyof Settings, true>;

/**
 * TypeScript knows which options there are; a program that runs without its checks hears of a wrong one here.
 * @throws InputError for an option that `known` lacks
 */
export function refuseUnknown(what: string, given: object, known: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  throw new InputError('usage', `${what}: there is no option "${unknown}"; use ${Object.keys(known).join(', ')}`);
}

/** A configuration before it is checked. @param text a text file, a folder of them, or the name of a definition */
export function rawConfig(text: string, settings: Settings): RawConfig {
  const { preset, config = {}, steps, batchSize, learningRate } = settings;
  const base = mergeConfig(preset === undefined ? {} : presets[preset], config);
  const training = {
    ...(steps !== undefined && { steps }),
    ...(batchSize !== undefined && { batchSize }),
    ...(learningRate !== undefined && { optimizer: { learningRate } }),
  };
  return mergeConfig(steps === undefined ? base : withoutEvaluationSteps(base), { dataset: { name: text }, training });
}

/** Without the steps at which a configuration of another length is evaluated: they are taken anew. */
export function withoutEvaluationSteps(raw: RawConfig): RawConfig {
  const { evaluationSteps: _, ...comparison } = (raw.comparison ?? {}) as RawConfig;
  const training = (raw.training ?? {}) as RawConfig;
  const { steps: __, ...evaluation } = (training.evaluation ?? {}) as RawConfig;
  return { ...raw, comparison, training: { ...training, evaluation } };
}

/**
 * Runs the plugins of the settings, before a configuration that uses them is checked.
 * @param recorded those of a run that is begun from
 * @throws InputError where one of those is not given, or is not as it was
 */
export function loadOwn({ plugins = [] }: Settings, recorded: Parameters<typeof loadPlugins>[1] = []): void {
  loadPlugins(
    plugins.map((file) => resolve(file)),
    recorded,
  );
}

/** Opens the text of a configuration as tokens, made now where they are not there yet. */
export function prepare({ dataset }: Config, settings: Settings, signal?: AbortSignal): Promise<PreparedDataset> {
  const { name, encoding, vocabSize } = dataset;
  const datasets = resolve(settings.datasets ?? 'datasets');
  const source = { source: name, definitions: [datasets], datasets };
  return prepareDataset({ ...source, encoding, vocabularySize: vocabSize, ...(signal && { signal }) });
}

/** This program, as runs record it. */
export function program(): ProgramIdentity {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return { versions: { [name]: version }, gitCommit: null };
}
