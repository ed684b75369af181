import { Command } from 'commander';
import { report } from '../command-line/exit.ts';
import { activationsCommand } from './activations.ts';
import { dataCommand } from './data.ts';
import { engineCommand } from './engine.ts';
import { generateCommand } from './generate.ts';

const program = new Command('bench')
  .description('Benchmarks: each prints its figure and the ceiling measured in the same process.')
  .exitOverride();
for (const command of [engineCommand, generateCommand, activationsCommand, dataCommand])
  program.addCommand(command.copyInheritedSettings(program));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
