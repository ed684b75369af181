import { readFileSync } from 'node:fs';
import { planComparison } from '@dynact/comparison';
import { parseConfig } from '@dynact/training';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { blocksOf, commandLines, firstPages } from '../../../test/support/pages.ts';
import { leafCommands } from '../src/help-examples.ts';
import { createProgram } from '../src/program.ts';

process.env.DYNACT_CALLED_AS = 'dynact';
const program = await createProgram();
const pages = firstPages();
const configurations = pages
  .flatMap(blocksOf)
  .filter(({ language, text }) => language === 'json' && !text.includes('"source"'))
  .map(({ text }) => text);
const commands = pages.flatMap((page) =>
  commandLines(page).flatMap((line) => /(?:\.\/|npx |\/)dynact"? (.*)/.exec(line)?.[1] ?? []),
);

test('the pages show configurations and commands', () => {
  expect(configurations.length).toBeGreaterThanOrEqual(2);
  expect(commands.length).toBeGreaterThanOrEqual(60);
});

test.each(configurations)('a configuration is accepted: %s', (text) => {
  const raw: Record<string, unknown> = JSON.parse(text);
  expect(() => ('comparison' in raw ? planComparison(raw) : parseConfig(raw))).not.toThrow();
});

test.each([...new Set(commands)])('dynact %s: the command takes its options and arguments', accepts);

test.each(leafCommands(program).filter(([words]) => words !== 'help'))(
  '%s: its help has an example, which it accepts',
  (_, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    const lines = help.split('For example:\n')[1]?.trim().split(/\n\s*/) ?? [];
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) accepts(line.replace(/^dynact /, ''));
  },
);

test('docs/commands.md has every command', () => {
  const { text } = pages.find(({ path }) => path === 'docs/commands.md')!;
  const names = leafCommands(program).map(([words]) => words);
  expect(names.filter((words) => !text.includes(`./dynact ${words}`))).toEqual([]);
});

/** Parses a line as the program does, up to the call of the command. */
function accepts(line: string): void {
  const words = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
  let command: Command = program;
  while (command.commands.length > 0) {
    const name = words.shift();
    if (name === '--version' || name === 'help') return;
    const found = command.commands.find((candidate) => candidate.name() === name);
    expect(found, `${name} is a command`).toBeDefined();
    command = found!;
  }
  const { operands, unknown } = command.parseOptions(words);
  expect(unknown).toEqual([]);
  const { registeredArguments: known } = command;
  expect(operands.length).toBeGreaterThanOrEqual(known.filter(({ required }) => required).length);
  if (!known.some(({ variadic }) => variadic)) expect(operands.length).toBeLessThanOrEqual(known.length);
}

test('the script of the trainer runs node itself', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  // The tsx command kills its child when a signal is not answered within 60 ms; a training step takes longer.
  for (const name of ['trainer', 'bench']) expect(scripts[name]).toMatch(/^node .*--import tsx /);
});
