import { type LoadedRun, loadRun } from '@dynact/api';
import { collect, userPath } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { locateCheckpoint } from '@dynact/runs';
import { applyOverrides, parseConfig, recordedConfig, sourceOfErrors } from '@dynact/training';
import type { Command } from 'commander';
import { type PluginOptions, pluginFiles, withPlugins } from './plugins.ts';

export interface NamedRunOptions extends PluginOptions {
  readonly set?: string[];
}

/** Adds the argument and the options of every command that uses the model of a run. @param alsoNamed what else may be named */
export function withNamedRun(command: Command, alsoNamed = ''): Command {
  return withPlugins(command)
    .argument('<folder>', `a run folder (its latest checkpoint) or a checkpoint folder${alsoNamed}`)
    .option(
      '--set <key=value>',
      'compute elsewhere than the run was trained, such as backend.device=cpu; may be repeated',
      collect,
    );
}

/** @throws InputError as `loadRun`, and for a setting that a run which is there cannot have */
export async function loadNamedRun(folder: string, { set = [], ...options }: NamedRunOptions): Promise<LoadedRun> {
  const { backend = {}, ...others } = applyOverrides({}, set);
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new InputError('usage', `--set ${other}: of a run that is there, only backend.* can be set; leave it out`);
  }
  parseConfig({ backend }, sourceOfErrors({}, set, '--set'));
  try {
    return await loadRun(userPath(folder), { plugins: pluginFiles(options), backend: backend as object });
  } catch (error) {
    if (!(error instanceof InputError) || error.kind !== 'device' || set.length > 0) throw error;
    const { device } = recordedConfig(locateCheckpoint(userPath(folder)).run).backend;
    const elsewhere = device === 'cpu' ? 'backend.name=auto' : 'backend.device=cpu';
    throw new InputError('device', `${error.message}; to compute elsewhere: --set ${elsewhere}`, { cause: error });
  }
}
