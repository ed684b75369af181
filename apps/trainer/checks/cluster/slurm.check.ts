import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SlurmBench } from './slurm-bench.ts';
import { waitFor } from './slurm-cluster.ts';

let bench: SlurmBench;
/** Two runs of two variants, of twenty steps. */
let nano: string[];
let tiny: string[];

beforeAll(async () => {
  bench = await SlurmBench.start();
  const settings = { 'dataset.name': bench.corpus, 'dataset.vocabSize': 512, 'backend.threads': 1 };
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`]);
  nano = ['--preset', 'nano', '--steps', '20', '--seeds', '0,1', ...set];
  tiny = bench.tiny({ 'comparison.seeds': [0, 1] });
});
afterAll(() => bench?.cluster.stop());

test('two variants and two seeds on two nodes give the comparison.json of this machine', async () => {
  await bench.succeeds('compare', ...nano, '--out', bench.path('nano'));
  await bench.succeeds('compare', ...nano, '--executor', 'slurm', '--out', bench.path('both-nodes'));
  expect(bench.resultOf('both-nodes')).toBe(bench.resultOf('nano'));
});

test('submitted and left, looked at, and collected later, they give the same', async () => {
  await bench.succeeds('compare', ...tiny, '--out', bench.path('tiny'));
  const folder = bench.path('left');
  const { stdout } = await bench.succeeds('submit', ...tiny, '--out', folder);
  expect(stdout).toBe(`4 of 4 runs with Slurm: ${folder}\n`);
  const statuses = () => bench.run('status', folder, '--json').then((outcome) => JSON.parse(outcome.stdout));
  expect((await statuses()).map(({ run }: { run: string }) => run)).toEqual(
    ['swiglu', 'dynactglu'].flatMap((variant) => [`${variant} seed 0`, `${variant} seed 1`]),
  );
  await waitFor(() => bench.cluster.jobs().length === 0);
  for (const each of await statuses()) expect(each).toMatchObject({ state: 'finished', step: 20, steps: 20, note: '' });
  await bench.run('compare', '--out', folder);
  expect(bench.resultOf('left')).toBe(bench.resultOf('tiny'));
});

test('a run that nobody can train fails once and is listed with its reason; the others go on', async () => {
  const variants = { swiglu: {}, broken: { training: { from: bench.path('nowhere') } } };
  const options = bench.tiny({ 'comparison.variants': variants, 'comparison.seeds': [0], 'training.steps': 5 });
  const folder = bench.path('broken');
  const { status, stderr } = await bench.run('compare', ...options, '--executor', 'slurm', '--out', folder);
  expect(status).toBe(2);
  expect(stderr).toMatch(/1 of 2 runs failed; call it again to run them again; broken seed 0: .*nowhere/);
  expect(existsSync(join(folder, 'swiglu-seed-0', 'summary.json'))).toBe(true);
  const failures = readdirSync(join(folder, 'cluster'), { recursive: true, encoding: 'utf8' });
  expect(failures.filter((name) => name.includes('failed')).length).toBe(1);
  expect((await bench.run('status', folder)).stdout).toMatch(/broken seed 0 +failed +0 of 5 .*nowhere/);
});
