import { existsSync, readFileSync } from 'node:fs';
import { collect, userPath } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { applyOverrides, type Config, mergeConfig, presets, type RawConfig, sourceOfErrors } from '@dynact/training';
import { type Command, Option } from 'commander';

/** Where a configuration comes from, later ones over earlier ones. */
export interface ConfigurationOptions {
  readonly preset?: string;
  readonly config?: string;
  readonly set?: string[];
}

/** Adds the options that every command with a configuration has. */
export function withConfiguration(command: Command): Command {
  return command
    .addOption(new Option('--preset <name>', `start from a preset: ${Object.keys(presets).join(', ')}`))
    .option('--config <file>', 'a JSON file; it lists only what it changes')
    .option('--set <key=value>', 'change one value, such as model.width=256; may be repeated', collect);
}

/** A configuration before it is checked, with the name that errors give it. */
export interface LoadedConfiguration {
  readonly raw: RawConfig;
  readonly source: string;
}

/** @throws InputError for an unknown preset, a missing file, a file that is not a JSON object, or a malformed --set */
export function loadConfiguration({ preset, config, set = [] }: ConfigurationOptions): LoadedConfiguration {
  const base = preset === undefined ? {} : findPreset(preset);
  const file = config === undefined ? {} : readConfigFile(userPath(config));
  const unset = mergeConfig(base, file);
  const named = config ?? (preset === undefined ? 'config' : `preset ${preset}`);
  return { raw: withAbsoluteDataset(applyOverrides(unset, set)), source: sourceOfErrors(unset, set, named) };
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
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new InputError('usage', `${path} cannot be read; name a JSON file with --config`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError('usage', `${path} is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError('usage', `${path} must hold a JSON object`);
  }
  return value as RawConfig;
}

/** A dataset given as a path is recorded with its whole path: a run must find it from any folder. */
function withAbsoluteDataset(raw: RawConfig): RawConfig {
  const dataset = raw.dataset as Partial<Config['dataset']> | undefined;
  const name = dataset?.name;
  if (typeof name !== 'string' || !(name.includes('/') || name.includes('.'))) return raw;
  const path = userPath(name);
  return existsSync(path) ? mergeConfig(raw, { dataset: { name: path } }) : raw;
}
