import { Command } from 'commander';
import { activationsCommand } from './activations.ts';
import { dataCommand } from './data.ts';
import { engineCommand } from './engine.ts';
import { generateCommand } from './generate.ts';
import { lossesCommand } from './losses.ts';

/** `pnpm bench`. */
export function createBench(): Command {
  const program = new Command('bench')
    .description('Benchmarks: each prints its figure and its ceiling or its rival.')
    .exitOverride();
  for (const command of [engineCommand, generateCommand, activationsCommand, dataCommand, lossesCommand])
    program.addCommand(command.copyInheritedSettings(program));
  return program;
}
