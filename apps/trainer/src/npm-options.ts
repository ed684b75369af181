import { InputError } from '@dynact/files';
import type { Command } from 'commander';

/**
 * Refuses a call by `npm run` whose options npm took for its own, since the rest would mean something else. npm leaves them
 * in its environment.
 * @throws InputError naming the option, and the form that works
 */
export function refuseOptionsOfNpm(program: Command, environment: NodeJS.ProcessEnv = process.env): void {
  const { npm_lifecycle_event: script, npm_config_user_agent: agent = '' } = environment;
  if (script !== 'trainer' || !agent.startsWith('npm/')) return;
  const taken = optionNames(program).find((name) => environment[`npm_config_${name.replaceAll('-', '_')}`]);
  if (taken !== undefined) {
    throw new InputError('usage', `--${taken}: npm took it for itself; call ./dynact, or npm run trainer -- <command>`);
  }
}

function optionNames(command: Command): string[] {
  const own = command.options.flatMap(({ long }) => (long ? long.slice(2) : []));
  return [...own, ...command.commands.flatMap(optionNames)];
}
