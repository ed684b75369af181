import { readFileSync, writeFileSync } from 'node:fs';
import { chooseBackend } from '@dynact/backends';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fakeDriver, smiLine } from '../../../test/support/fake-machine.ts';
import { createProgram } from '../src/program.ts';
import { Workbench } from './support/workbench.ts';

const bench = new Workbench();
Object.assign(process.env, bench.environment);

describe('--help', () => {
  const commands = [
    [],
    ['data'],
    ['data', 'prepare'],
    ['train'],
    ['compare'],
    ['dashboard'],
    ['evaluate'],
    ['sample'],
    ['export'],
    ['plan'],
    ['options'],
    ['setup', 'cuda'],
    ['doctor'],
  ];
  test.each(commands.map((command) => [command.join(' '), command] as const))('dynact %s', async (_, command) => {
    let text = '';
    const program = (await createProgram()).configureOutput({ writeOut: (part) => (text += part) });
    const target = command.reduce((at, name) => at.commands.find((child) => child.name() === name)!, program);
    target.configureOutput({ writeOut: (part) => (text += part) });
    await expect(program.parseAsync([...command, '--help'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
    expect(text).toMatch(`Usage: ${['dynact', ...command].join(' ')}`);
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

describe('doctor', () => {
  const gpuLines = async () => {
    const { stdout } = await bench.runHere('doctor');
    return stdout.split('\n\n')[2]!.split('\n');
  };
  beforeEach(() => vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined));
  afterEach(() => vi.unstubAllEnvs());

  test('names the one command for a GPU, in one line, where there is none', async () => {
    vi.stubEnv('PATH', '/nowhere');
    const lines = await gpuLines();
    expect(lines).toEqual([expect.stringMatching(/^device cuda: .*`dynact setup cuda`/)]);
  });

  test('shows GPUs, their memory and driver, and what is missing', async () => {
    fakeDriver(smiLine(), smiLine({ index: 1, driver: '535.1' }));
    const [first, second, missing] = await gpuLines();
    expect(first).toMatch(/^cuda:0 +NVIDIA H100 +86 GB, 85 GB free +driver 580.95.05 +compute capability 9.0$/);
    expect(second).toMatch(/^cuda:1 .* driver 535.1 /);
    expect(missing).toMatch(/^not yet: .*`dynact setup cuda`|^works: set backend.device=cuda$/);
  });
});

test('setup cuda says what it would download, and refuses a machine without a driver in one line', async () => {
  fakeDriver(smiLine());
  vi.stubEnv('DYNACT_CUDA', bench.path('cuda'));
  const planned = await bench.runHere('setup', 'cuda', '--dry-run');
  expect(planned).toMatchObject({ status: 0, stdout: `${bench.path('cuda')}\n` });
  expect(planned.stderr).toContain('downloads 1188 MB from PyPI');
  vi.stubEnv('PATH', '/nowhere');
  const refused = await bench.runHere('setup', 'cuda');
  vi.unstubAllEnvs();
  expect([refused.status, refused.stderr.trimEnd().split('\n')]).toEqual([
    2,
    [expect.stringMatching(/^error: setup of CUDA: there is no NVIDIA driver .*--anyway/)],
  ]);
});

test("plan holds a GPU's memory against the estimate, and names the batch that would fit", async () => {
  const onGpu = ['plan', '--preset', 'small', '--set', 'backend.device=cuda'];
  fakeDriver(smiLine({ driver: '535.1' }));
  const { status, stdout } = await bench.runHere(...onGpu);
  expect(status).toBe(0);
  expect(stdout).toMatch(/memory for training \(estimate, onnxruntime on cuda\) +[\d,]+ MB/);
  expect(stdout).toMatch(/memory of this GPU +85,521 MB\n {2}free now +85,017 MB/);
  fakeDriver(smiLine({ driver: '535.1', memory: 3_000 }));
  const refused = await bench.runHere(...onGpu);
  vi.unstubAllEnvs();
  expect(refused.status).toBe(2);
  expect(refused.stderr).toMatch(
    /^error: training needs about [\d.]+ GB .* there are 3\.1 GB: training\.batchSize=\d+ and training\.gradientAccumulation=\d+ take the same steps in [\d.]+ GB$/m,
  );
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
  const prepared = await bench.runHere('data', 'prepare', bench.corpus, '--vocab-size', '300', '--json');
  const { splits } = JSON.parse(prepared.stdout);
  const listed = await bench.runHere('data', 'list', '--json');
  const prepared300 = JSON.parse(listed.stdout).filter((corpus: { prepared: string[] }) => corpus.prepared.length > 0);
  expect(prepared300).toMatchObject([
    { name: expect.stringMatching(/^walks-[0-9a-f]{8}$/), prepared: ['r50k_base-300'] },
  ]);
  const inspected = JSON.parse(
    (await bench.runHere('data', 'inspect', 'walks', '--vocab-size', '300', '--json')).stdout,
  );
  expect(inspected.splits.train.tokens).toBe(splits.train.tokens);
  expect(inspected.unigramPerplexity.validation).toBeGreaterThan(1);
  const text = await bench.runHere('data', 'inspect', bench.corpus, '--vocab-size', '300');
  expect(text.stdout).toMatch(/perplexity under the training unigrams/);
});

test('what a terminal obeys in a corpus is shown, and a wrong encoding is named', async () => {
  const corpus = bench.path('escapes.txt');
  writeFileSync(corpus, 'one \u001b[2J two \u001b]0;title\u0007 three \u0093quoted\u0094 '.repeat(40));
  const { stdout, stderr } = await bench.runHere('data', 'inspect', corpus, '--vocab-size', '300');
  expect(stdout).toMatch(/a sample of the training split:\n.*\\u001b\[2J/);
  expect(stdout.replaceAll(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u);
  expect(stderr).toMatch(/^warning: escapes\.txt holds 80 control characters .*: probably windows-1252 that was read/m);
  const keys = { source: { kind: 'files', files: ['a.txt'] }, splits: { by: 'position', validation: 0.1, test: 0.1 } };
  const hostile = { name: 'hostile', description: 'D', license: '\u001b]0;title\u0007, \u009b2J', ...keys };
  writeFileSync(bench.path('datasets/hostile.json'), JSON.stringify(hostile));
  const listed = await bench.runHere('data', 'list');
  expect(listed.stdout).toMatch(/^hostile .*\\u001b\]0;title\\u0007, \\u009b2J$/m);
  expect(listed.stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test("--version is the package's, and help knows every command", async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(await bench.runHere('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  const { status, stdout } = await bench.runHere('help', 'compare');
  expect([status, stdout.split('\n')[0]]).toEqual([0, 'Usage: dynact compare [options] [text]']);
});

test('help refuses what is no command, with those that are', async () => {
  for (const words of [['nosuch'], ['data', 'nosuch']]) {
    const { status, stderr } = await bench.runHere('help', ...words);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(`${words.join(' ')}: there is no such command, only `),
    ]);
  }
});

test('a call makes its own command whole, and knows the others by name', async () => {
  const { commands } = await createProgram(['presets']);
  const options = new Map(commands.map((command) => [command.name(), command.options.length]));
  expect([options.get('presets'), options.get('train'), options.get('data')]).toEqual([1, 0, 0]);
});
