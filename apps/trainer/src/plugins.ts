import { collect, userPath } from '@dynact/command-line';
import type { Command } from 'commander';

export interface PluginOptions {
  readonly plugin?: string[];
}

/** Adds the option that names code of the user's own. */
export function withPlugins(command: Command): Command {
  return command.option(
    '--plugin <file>',
    'run this .ts or .js file, which defines activations or blocks; may be repeated',
    collect,
  );
}

export function pluginFiles({ plugin = [] }: PluginOptions): string[] {
  return plugin.map(userPath);
}
