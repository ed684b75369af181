import { readFileSync } from 'node:fs';
import { planComparison } from '@dynact/comparison';
import { parseConfig } from '@dynact/training';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../src/program.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const fenced = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language, text]) => ({
  language,
  text: text!,
}));
const configurations = fenced.filter(({ language }) => language === 'json').map(({ text }) => text);
const commands = fenced
  .flatMap(({ text }) => text.split('\n'))
  .filter((line) => line.startsWith('./dynact '))
  .map((line) => line.replace(/\s+#.*$/, ''));

test('the README shows configurations and commands', () => {
  expect(configurations.length).toBeGreaterThanOrEqual(2);
  expect(commands.length).toBeGreaterThanOrEqual(10);
});

test.each(configurations)('a configuration of the README is accepted: %s', (text) => {
  const raw: Record<string, unknown> = JSON.parse(text);
  expect(() => ('comparison' in raw ? planComparison(raw) : parseConfig(raw))).not.toThrow();
});

test.each(commands)('%s: the command and its options exist', (line) => {
  const words = [...line.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word).slice(1);
  let command: Command = createProgram();
  while (command.commands.length > 0) {
    const name = words.shift();
    const found = command.commands.find((candidate) => candidate.name() === name);
    expect(found, `${name} is a command`).toBeDefined();
    command = found!;
  }
  const known = command.options.map(({ long }) => long);
  for (const option of words.filter((word) => word.startsWith('--'))) expect(known).toContain(option);
});

test('the script of the trainer runs node itself', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  // The tsx command kills its child when a signal is not answered within 60 ms; a training step takes longer.
  for (const name of ['trainer', 'bench']) expect(scripts[name]).toMatch(/^node .*--import tsx /);
});
