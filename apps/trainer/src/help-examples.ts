import { calledAs } from '@dynact/command-line';
import type { Command } from 'commander';

/** Calls that `dynact help COMMAND` shows below the options, by the command's words. */
const examples: Readonly<Record<string, readonly string[]>> = {
  'data list': ['data list'],
  'data prepare': ['data prepare letters.txt --vocab-size 4096'],
  'data inspect': ['data inspect gutenberg-books'],
  'data remove': ['data remove letters'],
  init: ['init', 'init small.json --preset small', 'init my-gate.ts'],
  options: ['options training.optimizer'],
  presets: ['presets'],
  plan: ['plan letters.txt --preset small'],
  train: [
    'train letters.txt --steps 1000 --sample "Dear" --out runs/letters',
    'train --resume runs/letters --steps 2000 --schedule restart',
  ],
  compare: [
    'compare letters.txt --variants swiglu,dynactglu --seeds 0,1,2,3,4,5 --out runs/gates',
    'compare --out runs/gates --dry-run',
  ],
  submit: ['submit --preset micro --seeds 0,1,2,3,4,5 --out runs/gates'],
  status: ['status runs/gates'],
  cancel: ['cancel runs/gates'],
  dashboard: ['dashboard runs/gates --open'],
  evaluate: ['evaluate runs/letters --split test'],
  sample: ['sample runs/letters --prompt "Dear" --count 3'],
  export: ['export runs/letters --format web --out page'],
  'check-plugin': ['check-plugin my-gate.ts'],
  doctor: ['doctor'],
  'setup cuda': ['setup cuda --dry-run'],
};

/** Gives every command its examples. */
export function addExamples(program: Command): void {
  for (const [words, command] of leafCommands(program)) {
    const lines = examples[words] ?? [];
    command.addHelpText(
      'after',
      `\nFor example:\n${lines.map((line) => `  ${calledAs()} ${line}\n`).join('')}`.trimEnd(),
    );
  }
}

/** The commands that do something, with the words that call them. */
export function leafCommands(command: Command, words: readonly string[] = []): [string, Command][] {
  return command.commands.flatMap((inner) => {
    const path = [...words, inner.name()];
    return inner.commands.length === 0 ? [[path.join(' '), inner] as [string, Command]] : leafCommands(inner, path);
  });
}
