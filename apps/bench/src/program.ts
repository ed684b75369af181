import { oneLineErrors } from '@dynact/command-line';
import { Command } from 'commander';
import { activationsCommand } from './activations/activations.ts';
import { collectivesCommand } from './collectives/collectives.ts';
import { dataCommand } from './data/data.ts';
import { engineCommand } from './engine/engine.ts';
import { generateCommand } from './generate/generate.ts';
import { contextCommand, vocabularyCommand } from './growth/growth.ts';
import { lossesCommand } from './losses/losses.ts';

/** `pnpm bench`. */
export function createBench(): Command {
  const program = oneLineErrors(
    new Command('bench').description('Benchmarks: each prints its figure and its ceiling or its rival.'),
  );
  const commands = [
    engineCommand,
    contextCommand,
    vocabularyCommand,
    generateCommand,
    activationsCommand,
    dataCommand,
    lossesCommand,
    collectivesCommand,
  ];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  return program;
}
