import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { shellWord } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { isSamePlugin, type PluginRecord } from '@dynact/runs/records';
import { registerOwn } from '@dynact/transformer';
import { bundle } from './bundle.ts';
import { type Defined, evaluate } from './evaluate.ts';

/** A plugin whose activations and blocks have their names now. */
export interface Plugin extends Defined {
  readonly record: PluginRecord;
}

/** Plugins of this process by file and content: once more is no harm. */
const loaded = new Map<string, Plugin>();

/** Plugins that runs were made with, by the folder or run that says so. */
export interface Recorded {
  readonly where: string;
  readonly plugins: readonly PluginRecord[];
}

/**
 * Loads plugins, in order. This runs their code: call it with files that the user named, never with those that a folder names.
 * @param files whole paths
 * @param recorded compared before any code runs
 * @throws InputError naming the file, where it cannot be read, throws, defines nothing or a taken name; and where a recorded plugin
 * was not loaded, now or before, or has changed
 */
export function loadPlugins(files: readonly string[], recorded: readonly Recorded[] = []): Plugin[] {
  const bundles = files.map((file) => ({ file, ...bundle(file) }));
  for (const { where, plugins } of recorded) for (const plugin of plugins) checkRecorded(plugin, where, bundles);
  return bundles.map(({ file, code, sha256, codeSha256 }) => {
    const key = `${codeSha256} ${file}`;
    const known = loaded.get(key);
    if (known !== undefined) {
      const asItIs = { ...known, record: { ...known.record, sha256 } };
      loaded.set(key, asItIs);
      return asItIs;
    }
    const defined = evaluate(file, code);
    const names = [
      ...defined.activations.map(({ definition }) => definition.documentation.name),
      ...defined.feedForwards.map(({ name }) => name),
    ];
    try {
      registerOwn(defined.activations, defined.feedForwards);
    } catch (error) {
      if (error instanceof Error) throw new InputError('configuration', `plugin ${file}: ${error.message}`);
      throw error;
    }
    const plugin = { ...defined, record: { file, sha256, codeSha256, names } };
    loaded.set(key, plugin);
    return plugin;
  });
}

/** The loaded plugins that a model is made with, as its run records them: a block may be made with activations of any of them. */
export function pluginsOf(feedForward: object): PluginRecord[] {
  const plugins = [...loaded.values()];
  const named = new Set(textsOf(feedForward).map((text) => text.replace(/^mlp\./, '')));
  const used = plugins.filter(({ record }) => record.names.some((name) => named.has(name)));
  const all = used.some(({ feedForwards }) => feedForwards.length > 0) ? plugins : used;
  return all.map(({ record }) => record);
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function checkRecorded(recorded: PluginRecord, where: string, given: readonly Omit<PluginRecord, 'names'>[]): void {
  if (given.some((plugin) => isSamePlugin(plugin, recorded))) return;
  const { file, sha256, names } = recorded;
  const other = given.find((plugin) => basename(plugin.file) === basename(file));
  if (other !== undefined) {
    const change = `its sha256 is ${other.sha256.slice(0, 12)}..., then ${sha256.slice(0, 12)}...`;
    const message = `${other.file} is not the plugin that ${where} was made with (${change}); name the file as it was`;
    throw new InputError('run-folder', message);
  }
  // A plugin that runs in this process was named in an earlier call.
  if ([...loaded.values()].some(({ record }) => isSamePlugin(record, recorded))) return;
  const rest = existsSync(file)
    ? `add --plugin ${shellWord(file)}`
    : `${file} is no longer there: name a copy of it with --plugin`;
  const message = `${where} is made with ${names.join(', ')} of a plugin, whose code runs only where you name it; ${rest}`;
  throw new InputError('run-folder', message);
}
