import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planComparison } from '@dynact/comparison';
import { configOptions, type RawConfig } from '@dynact/training';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test, vi } from 'vitest';
import { Workbench } from './support/workbench.ts';

/**
 * For every option of the dataset, the comparison and the backend: what shows that it is not ignored. Those of the
 * model, of training and the seed stand in packages/training/test/every-option.test.ts.
 */
const bench = new Workbench();
const otherCorpus = bench.path('other.txt');
writeFileSync(otherCorpus, readFileSync(bench.corpus, 'utf8').replaceAll('dog', 'cat'));

/** Record of a short run in config.json: the texts that it learned from, and what computed. */
async function recorded(name: string, values: Record<string, unknown>) {
  const directory = bench.path(`run-${name}`);
  const settings = bench.tiny({ 'training.steps': 1, 'backend.threads': 2, ...values });
  const { status, stderr } = await bench.run('train', ...settings, '--out', directory);
  expect(status, stderr).toBe(0);
  return JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as {
    tokens: { train: string };
    backend: object;
  };
}

/** How sbatch, of which there is only a stand-in here, is called for a comparison with every option of a cluster. */
async function sbatch(): Promise<string[]> {
  const executor = { kind: 'slurm', concurrent: 3, partition: 'long', minutes: 90, memory: '3G', gpus: 2 };
  const values = { 'comparison.executor': { ...executor, extra: ['--account=x'] } };
  const call = bench.path('sbatch-call');
  if (!existsSync(call)) {
    const script = `#!/bin/sh\ncase $0 in */sbatch) printf '%s\\n' "$@" > '${call}' ;; esac\n`;
    mkdirSync(bench.path('bin'));
    for (const name of ['sbatch', 'squeue']) writeFileSync(bench.path(`bin/${name}`), script, { mode: 0o755 });
    vi.stubEnv('PATH', `${bench.path('bin')}:${process.env.PATH}`);
    const { status, stderr } = await bench.runHere('submit', ...bench.tiny(values), '--out', bench.path('cluster'));
    vi.unstubAllEnvs();
    expect(status, stderr).toBe(0);
  }
  return readFileSync(call, 'utf8').split('\n');
}

const plain = recorded('plain', {});
/** Handled at once, so that a failure is reported where it is awaited. */
plain.catch(() => {});

const gate = (kind: string) => ({ model: { feedForward: { kind } } });

const evidence: Record<string, () => Promise<void> | void> = {
  'dataset.name': async () => {
    expect((await recorded('name', { 'dataset.name': otherCorpus })).tokens).not.toEqual((await plain).tokens);
  },
  'dataset.encoding': async () => {
    const { tokens } = await recorded('encoding', { 'dataset.encoding': 'o200k_base' });
    expect(tokens).not.toEqual((await plain).tokens);
  },
  'dataset.vocabSize': async () => {
    expect((await recorded('vocabulary', { 'dataset.vocabSize': 320 })).tokens).not.toEqual((await plain).tokens);
  },

  'comparison.baseline': () => {
    const baselines = planned({ baseline: 'dynactglu' }).baseline;
    expect([planned({}).baseline, baselines]).toEqual(['swiglu', 'dynactglu']);
  },
  'comparison.variants': () => {
    const { variants, runs } = planned({ variants: { swiglu: gate('swiglu'), other: gate('geglu') } });
    expect(variants).toContain('other');
    expect(runs.find(({ variant }) => variant === 'other')!.config.model.feedForward.kind).toBe('geglu');
  },
  'comparison.seeds': () => {
    expect(planned({ seeds: [5, 6] }).runs.map(({ config }) => config.seed)).toEqual([5, 6, 5, 6]);
  },
  'comparison.evaluationSteps': () => {
    const { runs } = planned({ evaluationSteps: [7] });
    for (const { config } of runs) expect(config.training.evaluation.steps).toEqual([7, 400]);
  },
  'comparison.jobs': async () => {
    const out = bench.path('jobs');
    const settings = bench.tiny({
      'training.steps': 1,
      'backend.threads': 2,
      'comparison.jobs': 2,
      'comparison.seeds': [0],
    });
    expect((await bench.run('compare', ...settings, '--out', out)).status).toBe(0);
    // Two at a time share the two threads.
    const { backend } = JSON.parse(readFileSync(join(out, 'swiglu-seed-0', 'config.json'), 'utf8'));
    expect(backend).toEqual({ name: 'onnxruntime', device: 'cpu', threads: 1 });
  },

  'comparison.executor.kind': async () => {
    vi.stubEnv('PATH', '/nowhere');
    const settings = bench.tiny({ 'comparison.executor.kind': 'slurm' });
    const out = bench.path('no-cluster');
    const { status, stderr } = await bench.runHere('compare', ...settings, '--out', out);
    vi.unstubAllEnvs();
    expect([status, stderr]).toEqual([2, expect.stringContaining("Slurm's squeue cannot be run")]);
    expect(existsSync(out)).toBe(false);
  },
  'comparison.executor[slurm].concurrent': async () => expect(await sbatch()).toContain('--array=0-3%3'),
  'comparison.executor[slurm].partition': async () => expect(await sbatch()).toContain('--partition=long'),
  'comparison.executor[slurm].minutes': async () => expect(await sbatch()).toContain('--time=90'),
  'comparison.executor[slurm].memory': async () => expect(await sbatch()).toContain('--mem=3G'),
  'comparison.executor[slurm].gpus': async () => expect(await sbatch()).toContain('--gpus=2'),
  'comparison.executor[slurm].extra': async () => expect(await sbatch()).toContain('--account=x'),

  'backend.name': async () => {
    const tiny = {
      'backend.name': 'cpu',
      'dataset.name': bench.corpus,
      'training.batchSize': 1,
      'training.evaluation.batches': 1,
    };
    expect((await plain).backend).toMatchObject({ name: 'onnxruntime' });
    expect((await recorded('backend', tiny)).backend).toMatchObject({ name: 'cpu' });
  },
  'backend.threads': async () => {
    expect((await plain).backend).toMatchObject({ threads: 2 });
    expect((await recorded('threads', { 'backend.threads': 1 })).backend).toMatchObject({ threads: 1 });
  },
  'backend.device': async () => {
    // Where there is no such device, the run cannot begin, which shows that it was asked for.
    const settings = bench.tiny({ 'backend.device': 'cuda', 'training.steps': 1 });
    const { status, stderr } = await bench.run('train', ...settings, '--out', bench.path('device'));
    if (status === 0) {
      const { backend } = JSON.parse(readFileSync(join(bench.path('device'), 'config.json'), 'utf8'));
      expect(backend).toMatchObject({ device: 'cuda' });
    } else {
      expect(stderr).toMatch(/cuda/i);
    }
  },
  'backend.tf32': async () => {
    const settings = bench.tiny({ 'backend.tf32': false, 'training.steps': 1 });
    expect((await bench.runHere('train', ...settings, '--out', bench.path('tf32'))).status).toBe(0);
    expect(tf.backend()).toMatchObject({ options: { tf32: false } });
    const { config } = JSON.parse(readFileSync(join(bench.path('tf32'), 'config.json'), 'utf8'));
    expect(config.backend).toMatchObject({ tf32: false });
  },
  'backend.cudaGraphs': async () => {
    const settings = bench.tiny({ 'backend.cudaGraphs': false, 'training.steps': 1 });
    expect((await bench.runHere('train', ...settings, '--out', bench.path('graphs'))).status).toBe(0);
    expect(tf.backend()).toMatchObject({ options: { cudaGraphs: false } });
  },
};

function planned(comparison: RawConfig) {
  return planComparison({ comparison });
}

test('the table has every option', () => {
  const known = configOptions().filter(({ path }) => /^(dataset|comparison|backend)\./.test(path));
  expect(Object.keys(evidence).sort()).toEqual(known.map(({ path }) => path).sort());
});

describe('is not ignored', () => {
  test.each(Object.entries(evidence))('%s', async (_, show) => show());
});

describe('dynact options', () => {
  test('lists every option with its default, or those below a path', async () => {
    const whole = await bench.runHere('options', '--json');
    expect(JSON.parse(whole.stdout)).toEqual(JSON.parse(JSON.stringify(configOptions())));
    const { stdout } = await bench.runHere('options', 'training.schedule');
    expect(stdout).toMatch(/^training\.schedule\.name = "cosine"\n {4}constant: stays at the peak; /);
    expect(stdout).toContain(
      'training.schedule[linear].finalFraction = 0.1\n    of the peak, at the last step (number)',
    );
    expect(stdout).not.toContain('training.steps');
    expect((await bench.runHere('options', 'training.step')).status).toBe(2);
  });
});
