import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Outcome, Workbench } from './support/workbench.ts';

const bench = new Workbench();
const trained = bench.path('trained');

beforeAll(async () => {
  const { status, stderr } = await bench.run('train', ...bench.tiny({ 'training.steps': 5 }), '--out', trained);
  expect(stderr, stderr).not.toContain('error');
  expect(status).toBe(0);
});

function expectRefusal({ status, stdout, stderr }: Outcome, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n'), stderr).toHaveLength(1);
  expect(stdout).toBe('');
  expect(status).toBe(2);
}

describe('one clear line, exit code 2, and nothing left behind', () => {
  const out = ['--out', bench.path('never')];
  const train = (values: Record<string, unknown>) => ['train', ...bench.tiny(values), ...out];
  const empty = bench.path('empty.txt');
  writeFileSync(empty, '');

  test.each([
    ['an unknown key', train({ 'model.haeds': 4 }), /model\.haeds: unknown key; did you mean "heads"/],
    ['a wrong type', train({ 'model.width': 'wide' }), /model\.width: .*number/],
    ['heads that do not divide width', train({ 'model.heads': 3 }), /model\.heads: 3 heads do not divide width 16/],
    ['a vocabulary that is too small', train({ 'dataset.vocabSize': 200 }), /dataset\.vocabSize: .*257/],
    ['an unknown dataset', train({ 'dataset.name': 'nowhere' }), /nowhere/],
    ['an empty text file', train({ 'dataset.name': empty }), /empty.*: the train split holds no text/],
    ['an unknown activation', train({ 'model.feedForward.activation.name': 'swish' }), /unknown activation "swish"/],
    [
      'an --out below a file',
      ['train', ...bench.tiny(), '--out', join(bench.corpus, 'run')],
      /cannot be written: .*is a file|something else has that name/,
    ],
    [
      'a variant that stands twice',
      ['compare', '--variants', 'mlp,mlp', ...out],
      /--variants: mlp stands twice; name each once/,
    ],
    [
      'no tokens to sample',
      ['sample', trained, '--prompt', 'a', '--max-tokens', '0'],
      /--max-tokens 0: give at least 1/,
    ],
    ['a million layers', train({ 'model.layers': 1_000_000 }), /model\.layers: .*<=1000/],
    ['a model too large', train({ 'model.width': 20_000 }), /needs about .* GB .* there are .* lower model\.width/],
    [
      'a comparison too large',
      ['compare', ...bench.tiny({ 'model.width': 20_000, 'training.steps': 9 }), ...out],
      /needs about .* GB .* lower model\.width/,
    ],
    [
      'a context longer than the text',
      train({ 'model.context': 24_000, 'model.heads': 1, 'training.batchSize': 1 }),
      /shorter context or more text/,
    ],
    ['an evaluation beyond the end', train({ 'training.evaluation.steps': [99] }), /step 99 lies beyond/],
    ['an unknown preset', ['train', '--preset', 'huge', ...out], /--preset huge: .*default/],
    ['a config file that is not there', ['train', '--config', 'none.json', ...out], /none\.json does not exist/],
    ['a --set without a value', ['train', '--set', 'model.width', ...out], /write it as key\.path=value/],
    ['an unknown option', ['train', '--wdith', '3'], /unknown option '--wdith'/],
    ['an unknown command', ['trian'], /unknown command 'trian'/],
    ['an option that is not a number', ['compare', '--seeds', 'a'], /"a" is not a whole number/],
    ['an unknown variant', ['compare', '--variants', 'swiglu,swishglu', ...out], /unknown variant "swishglu".*geglu/],
    ['an unknown baseline', ['compare', '--set', 'comparison.baseline="x"', ...out], /baseline: "x" is not a variant/],
    ['a missing run folder', ['evaluate', 'nowhere'], /nowhere does not exist/],
    ['a folder that is no run', ['sample', '.', '--prompt', 'a'], /is not a run folder/],
    ['a folder that holds a run', ['train', ...bench.tiny(), '--out', trained], /holds a run already/],
    ['a resumed run with other settings', ['train', '--resume', trained, '--set', 'seed=3'], /--set: a resumed run/],
    ['an empty prompt', ['sample', trained, '--prompt', ''], /--prompt: it is empty/],
    ['no prompt', ['sample', trained], /either with --prompt or with --prompt-file/],
    ['two kinds of prompt', ['sample', trained, '--prompt', 'a', '--prompt-file', '-'], /either with --prompt or/],
    ['a prompt file that is not there', ['sample', trained, '--prompt-file', 'no.txt'], /no\.txt cannot be read/],
    ['an empty prompt file', ['sample', trained, '--prompt-file', empty], /--prompt-file: it is empty/],
    ['no texts', ['sample', trained, '--prompt', 'a', '-n', '0'], /--count 0: give 1 or more/],
    ['more texts than fit', ['sample', trained, '--prompt', 'a', '--prompt', 'b', '-n', '200'], /at most 256 texts/],
    ['a temperature below 0', ['sample', trained, '--prompt', 'a', '--temperature', '-1'], /temperature: -1/],
    ['a backend that cannot train', train({ 'backend.name': 'wasm' }), /wasm cannot train/],
  ])('%s', async (_, parameters, message) => {
    const before = bench.listing();
    expectRefusal(await bench.runHere(...parameters), message);
    expect(bench.listing()).toEqual(before);
  });

  test('in a process of its own', async () => {
    expectRefusal(await bench.run(...train({ 'model.haeds': 4 })), /did you mean "heads"/);
  });
});

test('what a model writes, and what it goes on from, moves no cursor of a terminal', async () => {
  onTestFinished(() => void Reflect.deleteProperty(process.stdout, 'isTTY'));
  Object.defineProperty(process.stdout, 'isTTY', { value: true, configurable: true });
  const text = 'a \u001b[2J \u009b2J \u001b]0;title\u0007';
  const { status, stdout } = await bench.runHere('sample', trained, '--prompt', text, '--max-tokens', '1');
  expect([status, stdout.startsWith('a \\u001b[2J \\u009b2J \\u001b]0;title\\u0007')]).toEqual([0, true]);
});

describe('damaged files', () => {
  test('a configuration that asks for hundreds of gigabytes beside small weights', async () => {
    const path = join(trained, 'config.json');
    const whole = readFileSync(path, 'utf8');
    const { config, ...rest } = JSON.parse(whole);
    const changed = { ...config, model: { ...config.model, context: 46_000, heads: config.model.width / 2 } };
    changed.training = { ...config.training, batchSize: 65_536 };
    onTestFinished(() => writeFileSync(path, whole));
    writeFileSync(path, JSON.stringify({ ...rest, config: changed }));
    const many = ['-n', '256', '--max-tokens', '46001'];
    expectRefusal(
      await bench.runHere('sample', trained, '--prompt', 'a', ...many),
      /^error: writing from \S+ needs about \d{3,} GB of memory \(estimate\), and there are .*: its config\.json asks/,
    );
    expectRefusal(await bench.runHere('evaluate', trained), /evaluating \S+ needs about \d{3,} GB of memory/);
  });

  test('a run of a GPU where there is none, with the way to use it', async () => {
    const path = join(trained, 'config.json');
    const whole = readFileSync(path, 'utf8');
    onTestFinished(() => writeFileSync(path, whole));
    const { config, ...rest } = JSON.parse(whole);
    const backend = { ...config.backend, device: 'cuda' };
    writeFileSync(path, JSON.stringify({ ...rest, config: { ...config, backend } }));
    expectRefusal(
      await bench.run('sample', trained, '--prompt', 'a'),
      /NVIDIA.*; to compute elsewhere: --set backend\.device=cpu\n$/,
    );
    const { status } = await bench.run('sample', trained, '--prompt', 'a', '--set', 'backend.device=cpu');
    expect(status).toBe(0);
  });

  test('a checkpoint whose weights were cut in half', async () => {
    const path = join(trained, 'checkpoints', 'step-00000005', 'weights.safetensors');
    const whole = readFileSync(path);
    truncateSync(path, Math.floor(whole.length / 2));
    for (const parameters of [
      ['evaluate', trained],
      ['sample', trained, '--prompt', 'a'],
    ]) {
      expectRefusal(await bench.runHere(...parameters), /weights\.safetensors is cut off/);
    }
    expectRefusal(await bench.run('train', '--resume', trained), /weights\.safetensors is cut off/);
    writeFileSync(path, whole);
  });

  test('a truncated token file is prepared again', async () => {
    const folder = readdirSync(bench.datasets).find((name) => name.startsWith('walks'))!;
    const path = join(bench.datasets, folder, 'r50k_base-300', 'train.bin');
    const whole = readFileSync(path);
    truncateSync(path, Math.floor(whole.length / 2));
    const { status } = await bench.run('train', ...bench.tiny({ 'training.steps': 1 }), '--out', bench.path('again'));
    expect(status).toBe(0);
    expect(readFileSync(path)).toEqual(whole);
  });
});
