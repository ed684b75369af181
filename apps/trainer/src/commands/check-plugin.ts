import { basename } from 'node:path';
import { selectBackend } from '@dynact/backends';
import { textTable, userPath } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { checkPlugin, loadPlugins } from '@dynact/plugins';
import { parseConfig } from '@dynact/training';
import type { Command } from 'commander';

export function checkPluginCommand(command: Command): void {
  command
    .argument('<file>', 'the .ts or .js file that --plugin is to name; it is run')
    .option('--json', 'print one JSON document')
    .action(check);
}

async function check(file: string, { json }: { json?: boolean }): Promise<void> {
  const [plugin] = loadPlugins([userPath(file)]);
  const { compile } = await selectBackend(parseConfig({}).backend, 'train');
  const results = checkPlugin(plugin!, compile);
  const wrong = results.find(({ fault }) => fault !== undefined);
  if (json) console.log(JSON.stringify(results));
  else if (wrong === undefined) {
    console.log(textTable(results.map(({ name, check, note = 'right' }) => [`${name}: ${check}`, note])));
  }
  if (wrong === undefined) return;
  throw new InputError('configuration', `${basename(file)}: ${wrong.name}: ${wrong.fault}`);
}
