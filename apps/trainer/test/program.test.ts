import { chooseBackend } from '@dynact/backends';
import { duration, textTable } from '@dynact/command-line';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../src/program.ts';
import { Workbench } from './run-trainer.ts';

const bench = new Workbench();

describe('--help', () => {
  const commands = [
    [],
    ['data'],
    ['data', 'prepare'],
    ['train'],
    ['compare'],
    ['evaluate'],
    ['sample'],
    ['export'],
    ['plan'],
    ['options'],
    ['doctor'],
  ];
  test.each(commands.map((command) => [command.join(' '), command] as const))('trainer %s', async (_, command) => {
    let text = '';
    const program = createProgram().configureOutput({ writeOut: (part) => (text += part) });
    const target = command.reduce((at, name) => at.commands.find((child) => child.name() === name)!, program);
    target.configureOutput({ writeOut: (part) => (text += part) });
    await expect(program.parseAsync([...command, '--help'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
    expect(text).toMatch(`Usage: ${['trainer', ...command].join(' ')}`);
  });

  test('exits with 0', async () => {
    expect(await bench.run('compare', '--help')).toMatchObject({ status: 0, stderr: '' });
  });
});

test('doctor names the backend in use, why, and what the others lack', async () => {
  const { status, stdout } = await bench.run('doctor', '--json');
  expect(status).toBe(0);
  const { chosen, backends, cores, versions } = JSON.parse(stdout);
  expect(chosen.name).toBe('onnxruntime');
  expect(chosen.reason).toMatch(/tensorflow cannot be used/);
  expect(backends.map(({ name }: { name: string }) => name)).toEqual(['tensorflow', 'onnxruntime', 'wasm', 'cpu']);
  expect(cores).toBeGreaterThan(0);
  for (const name of ['node', '@dynact/trainer', '@tensorflow/tfjs-core', 'onnxruntime-node', 'gpt-tokenizer']) {
    expect(versions[name], name).toMatch(/^\d/);
  }
});

describe('chooseBackend', () => {
  const probe = (name: 'tensorflow' | 'onnxruntime' | 'wasm' | 'cpu', loads: boolean, trains = loads) => ({
    name,
    loads,
    trains,
    note: 'n',
  });
  test.each([
    ['tensorflow', [true, true, true]],
    ['onnxruntime', [false, true, true]],
    ['cpu', [false, false, true]],
  ] as const)('takes %s when %j load', (expected, [tensorflow, onnxruntime, wasm]) => {
    const probes = [
      probe('tensorflow', tensorflow),
      probe('onnxruntime', onnxruntime),
      probe('wasm', wasm, false),
      probe('cpu', true),
    ];
    expect(chooseBackend(probes).name).toBe(expected);
  });
});

test('data prepare, list and inspect agree', async () => {
  const prepared = await bench.run('data', 'prepare', bench.corpus, '--vocab-size', '300', '--json');
  const { splits } = JSON.parse(prepared.stdout);
  const listed = await bench.run('data', 'list', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'walks', prepared: ['r50k_base-300'] }]);
  const inspected = JSON.parse((await bench.run('data', 'inspect', 'walks', '--vocab-size', '300', '--json')).stdout);
  expect(inspected.splits.train.tokens).toBe(splits.train.tokens);
  expect(inspected.unigramPerplexity.validation).toBeGreaterThan(1);
  const text = await bench.run('data', 'inspect', bench.corpus, '--vocab-size', '300');
  expect(text.stdout).toMatch(/perplexity under the training unigrams/);
});

test('durations and tables for people', () => {
  expect([400, 61_000, 3_725_000].map(duration)).toEqual(['0 s', '1 min 01 s', '1 h 02 min']);
  expect(
    textTable([
      ['a', 'bb'],
      ['ccc', 'd'],
    ]),
  ).toBe('a    bb\nccc   d');
});
