import { withoutEvaluationSteps } from '@dynact/api';
import { calledAs, collect, decimalNumber, userPath, wholeNumber } from '@dynact/command-line';
import { InputError, readJson } from '@dynact/files';
import { applyOverrides, mergeConfig, presets, type RawConfig, sourceOfErrors } from '@dynact/training';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { datasetSource } from './places.ts';
import { type PluginOptions, withPlugins } from './plugins.ts';

/** Where a configuration comes from, later ones over earlier ones. */
export interface ConfigurationOptions extends PluginOptions {
  readonly preset?: string;
  readonly config?: string;
  readonly set?: string[];
  /** Options with names of their own lie over all the others. */
  readonly data?: string;
  readonly steps?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly sample?: string;
  readonly seed?: number;
  readonly feedForward?: string;
}

/** Adds the options that every command with a configuration has. @param text the argument that may stand for --data */
export function withConfiguration(command: Command): Command {
  return withPlugins(command)
    .argument('[text]', `a text file, a folder of them, or a name of \`${calledAs()} data list\`; the books by default`)
    .addOption(presetOption())
    .option(
      '--config <file>',
      'a JSON file that lists only what it changes; for compare, also the folder of a comparison',
    )
    .option('--set <key=value>', 'change one value, such as model.width=256; may be repeated', collect)
    .option('--data <path>', 'the text, in place of the first argument')
    .option('--steps <count>', 'optimizer steps', wholeNumber)
    .option('--batch-size <count>', 'sequences of one forward and backward pass', wholeNumber)
    .option('--learning-rate <number>', 'at its peak', decimalNumber)
    .option('--sample <text>', 'let the model continue this text while it learns');
}

export function presetOption(): Option {
  return new Option('--preset <name>', `start from a preset: ${Object.keys(presets).join(', ')}`);
}

/** A configuration before it is checked, with the name that errors give it. */
export interface LoadedConfiguration {
  readonly raw: RawConfig;
  readonly source: string;
}

/**
 * @param text the first argument: a corpus, as --data
 * @param base the configuration below all others: of a run or a comparison that is there
 * @throws InputError for an unknown preset, a missing file, a file that is not a JSON object, or a malformed --set
 */
export function loadConfiguration(
  options: ConfigurationOptions,
  text?: string,
  base: RawConfig = {},
): LoadedConfiguration {
  const { preset, config, steps } = options;
  const named = config ?? (preset === undefined ? 'config' : `preset ${preset}`);
  const ofPreset = preset === undefined ? {} : findPreset(preset);
  const ofFile = config === undefined ? {} : readConfigFile(userPath(config));
  const merged = [ofPreset, ofFile].reduce(mergeConfig, base);
  const unset = steps === undefined ? merged : withoutEvaluationSteps(merged);
  const assignments = [...(options.set ?? []), ...flagsAsAssignments(options, text)];
  const raw = withDatasetOfUser(applyOverrides(unset, assignments));
  return { raw, source: sourceOfErrors(unset, assignments, named) };
}

/** The configuration's values laid over a raw one, for options that have names of their own. */
export function override(loaded: LoadedConfiguration, values: RawConfig): LoadedConfiguration {
  return { ...loaded, raw: mergeConfig(loaded.raw, values) };
}

function findPreset(name: string): RawConfig {
  const known: Record<string, RawConfig> = presets;
  const preset = Object.hasOwn(known, name) ? known[name] : undefined;
  if (preset === undefined) {
    throw new InputError(
      'usage',
      `--preset ${name}: there is no such preset; use one of ${Object.keys(presets).join(', ')}`,
    );
  }
  return preset;
}

function readConfigFile(path: string): RawConfig {
  return readJson(path, z.record(z.string(), z.json()), 'name a file of a JSON object with --config');
}

/** The options with names of their own, as --set has them. */
function flagsAsAssignments(options: ConfigurationOptions, text: string | undefined): string[] {
  const { data = text, steps, batchSize, learningRate, sample, seed, feedForward } = options;
  if (text !== undefined && data !== text) {
    throw new InputError('usage', `${text} and --data ${data}: name the text once`);
  }
  const flags = {
    'dataset.name': data,
    'training.steps': steps,
    'training.batchSize': batchSize,
    'training.optimizer.learningRate': learningRate,
    'training.sample.prompt': sample,
    seed,
    'model.feedForward.kind': feedForward,
  };
  return Object.entries(flags).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}=${JSON.stringify(value)}`,
  );
}

/** A text is looked for where the user stands. */
function withDatasetOfUser(raw: RawConfig): RawConfig {
  const name = (raw.dataset as RawConfig | undefined)?.name;
  return typeof name === 'string' ? mergeConfig(raw, { dataset: { name: datasetSource(name) } }) : raw;
}
