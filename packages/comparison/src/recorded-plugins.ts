import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Recorded } from '@dynact/plugins';
import { configFile, isRunConfig, readRunFolder } from '@dynact/runs';

/** The plugins that the runs of a comparison's folder were made with; none where there is no such folder. */
export function recordedPlugins(directory: string): Recorded[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.') && isRunConfig(join(directory, name, configFile)))
    .map((name) => join(directory, name))
    .map((run) => ({ where: run, plugins: readRunFolder(run).config.plugins ?? [] }))
    .filter(({ plugins }) => plugins.length > 0);
}
