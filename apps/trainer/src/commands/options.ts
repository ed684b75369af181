import { calledAs } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { type ConfigOption, configOptions } from '@dynact/training';
import type { Command } from 'commander';

export function optionsCommand(command: Command): void {
  command
    .argument('[path]', 'only what lies below, such as training.optimizer')
    .option('--json', 'print one JSON document')
    .action((path: string | undefined, { json }: { json?: boolean }) => {
      const options = configOptions().filter((option) => path === undefined || liesBelow(option.path, path));
      if (options.length === 0)
        throw new InputError('usage', `${path}: there is no such option; ${calledAs()} options lists all`);
      console.log(json ? JSON.stringify(options) : options.map(describe).join('\n'));
    });
}

/** `training.optimizer` holds `training.optimizer[adamw].beta1`. */
function liesBelow(option: string, path: string): boolean {
  const plain = option.replaceAll(/\[.*?\]/g, '');
  return [option, plain].some(
    (known) => known === path || (/^[.[]/.test(known.slice(path.length)) && known.startsWith(path)),
  );
}

function describe({ path, type, default: value, description }: ConfigOption): string {
  // Variants are whole configurations.
  const known =
    value === undefined || (typeof value === 'object' && !Array.isArray(value) && value !== null)
      ? ''
      : ` = ${JSON.stringify(value)}`;
  return `${path}${known}\n    ${description} (${type})`;
}
