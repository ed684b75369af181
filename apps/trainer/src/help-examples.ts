import type { Command } from 'commander';

/** Lines that `dynact help COMMAND` shows below the options, by the command's words. */
const examples: Readonly<Record<string, readonly string[]>> = {
  'data list': ['dynact data list'],
  'data prepare': ['dynact data prepare letters.txt --vocab-size 4096'],
  'data inspect': ['dynact data inspect gutenberg-books'],
  'data remove': ['dynact data remove letters'],
  init: ['dynact init', 'dynact init small.json --preset small'],
  options: ['dynact options training.optimizer'],
  presets: ['dynact presets'],
  plan: ['dynact plan letters.txt --preset small'],
  train: [
    'dynact train letters.txt --steps 1000 --sample "Dear" --out runs/letters',
    'dynact train --resume runs/letters --steps 2000 --schedule restart',
  ],
  compare: [
    'dynact compare letters.txt --variants swiglu,dynactglu --seeds 0,1,2,3,4,5 --out runs/gates',
    'dynact compare --out runs/gates --dry-run',
  ],
  submit: ['dynact submit --preset micro --seeds 0,1,2,3,4,5 --out runs/gates'],
  status: ['dynact status runs/gates'],
  cancel: ['dynact cancel runs/gates'],
  dashboard: ['dynact dashboard runs/gates --open'],
  evaluate: ['dynact evaluate runs/letters --split test'],
  sample: ['dynact sample runs/letters --prompt "Dear" --count 3'],
  export: ['dynact export runs/letters --format web --out page'],
  'check-plugin': ['dynact check-plugin my-gate.ts'],
  doctor: ['dynact doctor'],
  'setup cuda': ['dynact setup cuda --dry-run'],
};

/** Gives every command its examples. */
export function addExamples(program: Command): void {
  for (const [words, command] of leafCommands(program)) {
    const lines = examples[words] ?? [];
    command.addHelpText('after', `\nFor example:\n${lines.map((line) => `  ${line}\n`).join('')}`.trimEnd());
  }
}

/** The commands that do something, with the words that call them. */
export function leafCommands(command: Command, words: readonly string[] = []): [string, Command][] {
  return command.commands.flatMap((inner) => {
    const path = [...words, inner.name()];
    return inner.commands.length === 0 ? [[path.join(' '), inner] as [string, Command]] : leafCommands(inner, path);
  });
}
