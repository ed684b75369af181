import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, relative, sep } from 'node:path';
import { calledAs, shellWord, userPath } from '@dynact/command-line';
import { InputError, writeJsonAtomic } from '@dynact/files';
import { writeNewPlugin } from '@dynact/plugins';
import { isObject } from '@dynact/runs/records';
import { commentKey, configOptions, mergeConfig, parseConfig, type RawConfig, schemaKey } from '@dynact/training';
import type { Command } from 'commander';
import { loadConfiguration, presetOption } from '../configuration.ts';

/** Settings that a new configuration shows, with their defaults: those that are changed most often. */
const shown = [
  'seed',
  'dataset.name',
  'dataset.vocabSize',
  'model.layers',
  'model.width',
  'model.heads',
  'model.context',
  'model.feedForward.kind',
  'training.steps',
  'training.batchSize',
  'training.optimizer.learningRate',
  'training.schedule.warmupSteps',
  'comparison.baseline',
  'comparison.variants',
  'comparison.seeds',
];

const heading =
  'Lists only what it changes: delete what is to stay as it is. ' +
  `\`${calledAs()} options\` has everything, --set KEY=VALUE lies over this file.`;

export function initCommand(command: Command): void {
  command
    .argument('[file]', 'a new file: NAME.json is a configuration, NAME.ts a gate of your own', 'mine.json')
    .addOption(presetOption())
    .action(init);
}

function init(file: string, { preset }: { preset?: string }): void {
  if (file.endsWith('.ts')) initPlugin(file, preset);
  else initConfiguration(file, preset);
}

function initPlugin(file: string, preset: string | undefined): void {
  if (preset !== undefined) throw new InputError('usage', `--preset: ${file} is a gate, not a configuration`);
  const written = writeNewPlugin(userPath(file));
  const name = basename(file, '.ts');
  const calls = [`check-plugin ${shellWord(file)}`, `compare --plugin ${shellWord(file)} --variants swiglu,${name}`];
  console.log([`${written.join(', ')}: change it, then`, ...calls.map((call) => `  ${calledAs()} ${call}`)].join('\n'));
}

function initConfiguration(file: string, preset: string | undefined): void {
  const path = userPath(file);
  if (existsSync(path)) throw new InputError('file', `${path} is there already; name a new file`);
  const config = newConfiguration(preset);
  writeJsonAtomic(path, { [schemaKey]: schemaFor(path), [commentKey]: heading, ...withRemarks(config) });
  console.log(
    `${path}: change it, then\n  ${calledAs()} plan --config ${shellWord(file)}\n  ${calledAs()} train --config ${shellWord(file)}`,
  );
}

/** The settings that are shown, and all that the preset changes. */
function newConfiguration(preset: string | undefined): RawConfig {
  const { raw, source } = loadConfiguration(preset === undefined ? {} : { preset });
  const whole: RawConfig = parseConfig(raw, source);
  const picked = shown.map((path) => {
    const keys = path.split('.');
    const value = keys.reduce<unknown>((inner, key) => (inner as RawConfig)[key], whole);
    return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as RawConfig;
  });
  return mergeConfig(picked.reduce(mergeConfig), raw);
}

/** The JSON schema as an editor finds it from the file. */
function schemaFor(path: string): string {
  const schema = createRequire(import.meta.url).resolve('@dynact/training/config.schema.json');
  const way = relative(dirname(path), schema).split(sep).join('/');
  return way.startsWith('.') ? way : `./${way}`;
}

/** In each object a remark on its keys, as the schema describes them. */
function withRemarks(config: RawConfig): RawConfig {
  const descriptions = new Map<string, string>();
  for (const { path, description } of configOptions().toReversed())
    descriptions.set(path.replaceAll(/\[.*?\]/g, ''), description);
  const remarked = (section: RawConfig, path: string): RawConfig => {
    const known = Object.keys(section).flatMap((key) => {
      const description = descriptions.get(`${path}${key}`);
      return description === undefined ? [] : [`${key}: ${description}`];
    });
    const entries = Object.entries(section).map(([key, value]) => [
      key,
      isObject(value) ? remarked(value, `${path}${key}.`) : value,
    ]);
    return {
      ...(known.length > 0 && path !== '' && { [commentKey]: known.join('; ') }),
      ...Object.fromEntries(entries),
    };
  };
  return remarked(config, '');
}
