import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { report } from '@dynact/command-line';
import { countModel } from '@dynact/transformer';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { type EngineRow, largestDifference, summarize, turns } from '../src/engine/compare.ts';
import { lastLine } from '../src/engine/contenders.ts';
import type { EngineFigures } from '../src/engine/engine.ts';
import type { EngineRun } from '../src/engine/figures.ts';
import { models, tokenBatches, workloadModel } from '../src/engine/models.ts';
import { pytorchLacks, writePytorchWorkload } from '../src/engine/pytorch-workload.ts';
import { engineTable } from '../src/engine/table.ts';
import { createBench } from '../src/program.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'dynact-bench-'));
afterAll(() => rmSync(directory, { recursive: true }));

const run = (stepMilliseconds: number, gemmGflops: number, losses: number[]): EngineRun => ({
  version: 'v',
  threads: 2,
  batchSize: 4,
  gemmGflops,
  bareGemmGflops: 2 * gemmGflops,
  training: {
    stepMilliseconds,
    tokensPerSecond: 64_000 / stepMilliseconds,
    modelGflops: 1000 / stepMilliseconds,
    ratio: 1000 / stepMilliseconds / gemmGflops,
    bareRatio: 500 / stepMilliseconds / gemmGflops,
    outsideRuntime: 0.01,
    losses,
  },
  forwardMilliseconds: stepMilliseconds / 4,
  forwardTokensPerSecond: 256_000 / stepMilliseconds,
  peakResidentMegabytes: 100 + stepMilliseconds,
});

test('engines take turns, forth and back, each as often as it may', () => {
  const engines = [
    { name: 'a', rounds: 3 },
    { name: 'b', rounds: 1 },
    { name: 'c', rounds: 3 },
  ];
  expect(turns(engines).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'c', 'a', 'a', 'c']);
});

describe('a row', () => {
  const ours = [run(10, 200, [8, 4]), run(20, 100, [8, 4]), run(40, 50, [8, 4])];
  const others = [run(20, 100, [8, 5]), run(80, 20, [8, 5]), run(40, 25, [8, 5])];

  test('has medians, the ratio within a process, and the speed within a round', () => {
    const row = summarize({ label: 'other', note: '' }, others, ours);
    expect(row.training).toEqual({
      stepMilliseconds: 40,
      tokensPerSecond: 1600,
      modelGflops: 25,
      ratio: 0.625, // of 0.5, 0.625 and 1
      bareRatio: 0.3125,
      outsideRuntime: 0.01,
    });
    expect(row).toMatchObject({
      gemmGflops: 25,
      bareGemmGflops: 50,
      forwardMilliseconds: 10,
      peakResidentMegabytes: 140,
    });
    // Of 10 / 20, 20 / 80 and 40 / 40: a busy round slows both.
    expect([row.relativeSpeed, row.relativeForwardSpeed]).toEqual([0.5, 0.5]);
    expect(row.lossDifference).toBe(0.25);
  });

  test('compares one run with the first round, and no losses of another batch', () => {
    const small = { ...run(100, 1, [1, 1]), batchSize: 1 };
    const row = summarize({ label: 'cpu', note: 'batch 1' }, [small], ours);
    expect([row.relativeSpeed, row.lossDifference]).toEqual([0.1, null]);
  });

  test('of an engine that cannot train has its forward pass', () => {
    const forward = { ...run(20, 100, []), training: null };
    const row = summarize({ label: 'wasm', note: 'cannot train' }, [forward], ours);
    expect(row).toMatchObject({ training: null, relativeSpeed: null, relativeForwardSpeed: 0.5, lossDifference: null });
  });

  test('of losses is the largest difference, relative', () => {
    expect(largestDifference([8.1, 4, 2.2], [8, 4, 2])).toBeCloseTo(0.1, 12);
  });

  test('stands in a table', () => {
    const rows: EngineRow[] = [
      summarize({ label: 'onnxruntime', note: '' }, ours, ours),
      summarize({ label: 'other', note: '' }, others, ours),
      summarize({ label: 'wasm', note: 'cannot train' }, [{ ...run(1000, 1, []), training: null }], ours),
    ];
    const workload = { shape: models.tiny, feedForward: 'swiglu', steps: 5 };
    const text = engineTable('tiny', workload, { device: 'cpu', tf32: true }, rows, [
      { label: 'tensorflow', reason: 'not installed' },
    ]);
    expect(text.split('\n').slice(3)).toEqual([
      '',
      'training step    ms  tokens/s  speed  GFLOP/s  product  ratio  bare product  ratio  peak MB  loss differs by',
      'onnxruntime    20.0      3200   1.00     50.0    100.0  0.500         200.0  0.250      120                0',
      'other          40.0      1600   0.50     25.0     25.0  0.625          50.0  0.313      140             3e-1',
      '',
      'forward pass     ms  tokens/s  speed',
      'onnxruntime     5.0     12800   1.00',
      'other          10.0      6400   0.50',
      'wasm          250.0       256  0.010  cannot train',
      '',
      'onnxruntime: 1.0 % of the step outside its run call',
      'not measured: tensorflow: not installed',
    ]);
  });
});

describe('what PyTorch gets', () => {
  const workload = { shape: models.tiny, feedForward: 'dynactglu', steps: 2 };

  test('is every start value, every batch, and what decays', () => {
    const { folder, remove } = writePytorchWorkload(workload);
    const description = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8'));
    const counts = countModel(workloadModel(workload));
    expect(description).toMatchObject({ heads: 2, flopsPerToken: counts.flopsPerToken, gradientClip: 1 });
    expect(description.learningRates.slice(0, 2)).toEqual([0.001 / 20, 0.002 / 20]);
    expect(readFileSync(join(folder, 'parameters.f32'))).toHaveLength(4 * counts.parameters);
    const decays = Object.fromEntries(
      description.parameters.map(({ name, decays }: { name: string; decays: boolean }) => [name, decays]),
    );
    expect(decays).toMatchObject({
      'tokenEmbedding.weight': true,
      'blocks.1.attention.key.weight': true,
      'blocks.0.feedForwardNorm.gain': false,
      'blocks.0.feedForward.activation.alpha': false,
    });
    const tokens = readFileSync(join(folder, 'tokens.i32'));
    expect(tokens).toHaveLength(4 * 5 * 2 * 4 * 16);
    const [inputs, targets] = [0, 1].map((part) =>
      Array.from({ length: 64 }, (_, index) => tokens.readInt32LE(4 * (64 * part + index))),
    );
    expect(inputs).toEqual([...tokenBatches(models.tiny)(4).inputs]);
    expect(targets).toEqual(inputs!.map((token) => (7 * token + 3) % 300));
    remove();
    expect(() => readFileSync(join(folder, 'workload.json'))).toThrow(/ENOENT/);
  });

  test('is not a block that it does not have', () => {
    expect(pytorchLacks({ ...workload, feedForward: 'mlp' }, { device: 'cpu' })).toMatch(/no mlp block/);
    expect(pytorchLacks(workload, { device: 'cuda' })).toBeUndefined();
  });
});

test('the last line of a traceback is the error', () => {
  expect(lastLine('Traceback:\n  File "x"\nModuleNotFoundError: No module named torch\n\n')).toMatch(/^ModuleNotFound/);
  expect(lastLine(' \n')).toBeUndefined();
});

test('pnpm bench engine --json: figures of this backend in processes of its own, and of the others beside them', () => {
  // Stands for a Python with PyTorch: tells what it was asked, and has no compiler.
  const python = join(directory, 'python');
  writeFileSync(
    python,
    `#!${process.execPath}
    const [, , script, folder, threads, mode] = process.argv;
    if (folder === '--probe') console.log('{"version":"9.1.0+cpu","compiles":true}');
    else if (mode === 'compile') { console.error('trace\\nRuntimeError: no compiler'); process.exit(1); }
    else console.log(JSON.stringify({
      version: 'fake', threads: Number(threads), batchSize: 4, gemmGflops: 1, bareGemmGflops: 1, training: null, forwardMilliseconds: 1,
      forwardTokensPerSecond: require(folder + '/workload.json').context, peakResidentMegabytes: 1,
    }));`,
    { mode: 0o755 },
  );
  const options = ['--engines', 'wasm,pytorch,pytorch-compile', '--python', python, '--threads', '1', '--json'];
  const child = spawnSync(
    process.execPath,
    ['--conditions=@dynact/source', '--import', 'tsx', main, 'engine', '--model', 'tiny', '--steps', '2'].concat(
      ['--rounds', '1'],
      options,
    ),
    { encoding: 'utf8' },
  );
  expect(child.status, child.stderr).toBe(0);
  const figures = JSON.parse(child.stdout) as EngineFigures;
  expect(figures).toMatchObject({ model: 'tiny', feedForward: 'dynactglu', threads: 1, steps: 2, rounds: 1 });
  expect(figures.ratio).toBeCloseTo(figures.modelGflops / figures.gemmGflops, 12);
  expect(figures.bareRatio).toBeCloseTo(figures.modelGflops / figures.bareGemmGflops, 12);
  const { flopsPerToken } = countModel(workloadModel({ shape: models.tiny, feedForward: 'dynactglu', steps: 2 }));
  expect(figures.modelGflops).toBeCloseTo((flopsPerToken * 64) / (figures.stepMilliseconds * 1e6), 9);
  expect(figures.outsideRuntime).toBeLessThan(1);
  const [ours, wasm, pytorch] = figures.engines;
  expect(figures.engines.map(({ label }) => label)).toEqual(['onnxruntime', 'wasm', 'pytorch 9.1.0 eager']);
  expect(ours!.relativeSpeed).toBe(1);
  expect(wasm!.training).toBeNull();
  expect(wasm!.relativeForwardSpeed).toBeCloseTo(wasm!.forwardTokensPerSecond / ours!.forwardTokensPerSecond, 12);
  expect(pytorch).toMatchObject({ threads: 1, forwardTokensPerSecond: 16 });
  expect(figures.absent).toEqual([{ label: 'pytorch 9.1.0 compile', reason: 'RuntimeError: no compiler' }]);
  expect(child.stderr).toMatch(/^model tiny on onnxruntime, wasm, pytorch .*: about \d+/);
});

test('a device that does not work is one line and exit code 2', () => {
  const measure = ['engine', '--device', 'cuda', '--model', 'tiny', '--steps', '1', '--rounds', '1'];
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@dynact/source', '--import', 'tsx', main, ...measure],
    { encoding: 'utf8', env: { ...process.env, PATH: '/nowhere' } },
  );
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^error: onnxruntime: .*"cuda:0": .*(NVIDIA driver|Linux x64)/);
  expect(status).toBe(2);
});

describe('wrong input is one line and exit code 2', () => {
  test.each([
    [['--model', 'e'], /'--model <name>'.*Allowed choices are a, b, c, d, tiny/],
    [['--device', 'tpu'], /"tpu" is none of cpu, webgpu, cuda/],
    [['--steps', '0'], /--steps.*Give at least 1/],
    [['--rounds', 'many'], /"many" is not a whole number/],
    [['--threads', '1.5'], /"1\.5" is not a whole number/],
    [['--engines', 'torch'], /"torch" is none of onnxruntime, tensorflow/],
    [['--python', '/nowhere/python'], /--python: \/nowhere\/python does not exist/],
    [['--feed-forward', 'swish'], /model\.feedForward\.kind/],
  ])('%j', async (parameters, message) => {
    const errors: string[] = [];
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
    try {
      const error = await createBench()
        .parseAsync(['engine', ...parameters], { from: 'user' })
        .catch((reason: unknown) => reason);
      expect(report(error)).toBe(2);
    } finally {
      spy.mockRestore();
    }
    expect(errors.join('')).toMatch(message);
    expect(errors.join('').trimEnd().split('\n')).toHaveLength(1);
  });
});
