import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRunFolder } from '@dynact/runs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { ended, sha256, timelessRecords, until, Workbench } from '../../test/support/workbench.ts';
import { type Launcher, mpich, openMpi, processOfRank, runRanks, startRanks, twoHosts } from './mpi.ts';
import { waitFor } from './slurm-cluster.ts';

const bench = new Workbench();
const steps = 100;
const last = `checkpoints/step-${String(steps).padStart(8, '0')}`;

function training(out: string, values: Record<string, unknown> = {}): string[] {
  const together = {
    'model.dropout': 0.1,
    'training.steps': steps,
    'training.gradientAccumulation': 4,
    'training.movingAverage': { decay: 0.9 },
    'training.checkpoint.every': 10,
    'training.evaluation.every': 50,
    ...values,
  };
  return ['train', ...bench.tiny(together), '--out', bench.path(out)];
}

/** Everything that must not change with the number of processes. */
function outcomeOf(out: string) {
  const files = ['weights.safetensors', 'optimizer.safetensors'].map((name) =>
    sha256(join(bench.path(out), last, name)),
  );
  return { files, records: timelessRecords(bench.path(out)) };
}

async function expectSameBits(launcher: Launcher, count: number, out: string): Promise<string> {
  const { status, stdout, stderr } = await runRanks(bench, launcher, count, training(out));
  expect(status, stderr).toBe(0);
  expect(outcomeOf(out)).toEqual(outcomeOf('alone'));
  // One of them speaks.
  expect(stdout.match(/finished after/g)).toHaveLength(1);
  return stderr;
}

beforeAll(async () => {
  const { status, stderr } = await bench.run(...training('alone'));
  expect(status, stderr).toBe(0);
});

test.each([1, 2, 3, 4])('%i processes of Open MPI give the bits of one', async (count) => {
  const stderr = await expectSameBits(openMpi(), count, `open-mpi-${count}`);
  const run = readRunFolder(bench.path(`open-mpi-${count}`));
  const trained = run.records().filter((record) => record.kind === 'train');
  expect(trained).toHaveLength(steps);
  if (count === 1) {
    expect(run.config).not.toHaveProperty('ranks');
    for (const record of trained) expect(record).not.toHaveProperty('exchangeMs');
    return;
  }
  expect(stderr).toMatch(/a step takes [\d.]+ ms to exchange gradients, [\d.]+ ms to copy them/);
  expect(run.config.ranks).toBe(count);
  for (const { exchangeMs, copyMs } of trained) {
    expect(exchangeMs).toBeGreaterThan(0);
    expect(copyMs).toBeGreaterThanOrEqual(0);
  }
});

test('two processes of MPICH give the bits of one', async ({ skip }) => {
  await expectSameBits(mpich() ?? skip("PyPI's wheel of it cannot be had here"), 2, 'mpich');
});

test('so do two in network namespaces of their own, where they can be made', async ({ skip }) => {
  const hosts = twoHosts(bench.directory);
  if (hosts === undefined) return skip('this machine makes no network namespaces');
  onTestFinished(hosts.remove);
  await expectSameBits(hosts.launcher, 2, 'hosts');
});

test.each([
  ['rank 0', 0, 4],
  ['another rank', 1, 1],
])(
  '%s that is killed ends all within seconds; another number of processes goes on, with the same bits',
  async (_, rank, others) => {
    const out = `killed-${rank}`;
    const child = startRanks(bench, openMpi(), 2, training(out));
    const outcome = ended(child);
    await until(() => existsSync(join(bench.path(out), 'checkpoints/step-00000010')), outcome);
    const pid = processOfRank(rank, bench.path(out));
    process.kill(pid!, 'SIGKILL');
    const killedAt = performance.now();
    expect((await outcome).status).not.toBe(0);
    // Open MPI may return before the last of its processes is gone, and that one still has the run.
    await waitFor(() => [0, 1].every((each) => processOfRank(each, bench.path(out)) === undefined));
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    expect(existsSync(join(bench.path(out), 'summary.json'))).toBe(false);
    const resumed = await runRanks(bench, openMpi(), others, ['train', '--resume', bench.path(out)]);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(outcomeOf(out)).toEqual(outcomeOf('alone'));
  },
);

test('told to stop, all save at the same step; one process goes on alone', async () => {
  const long = training('stopped', { 'training.steps': 100_000, 'training.checkpoint.every': 100_000 });
  const child = startRanks(bench, openMpi(), 2, long);
  const outcome = ended(child);
  const log = join(bench.path('stopped'), 'metrics.jsonl');
  await until(() => existsSync(log) && /"step":3,/.test(readFileSync(log, 'utf8')), outcome);
  process.kill(processOfRank(1, bench.path('stopped'))!, 'SIGTERM');
  const { status, stderr } = await outcome;
  expect([130, 143, 75]).toContain(status);
  const [, step = ''] = /stopped after step (\d+)/.exec(stderr) ?? [];
  expect(existsSync(join(bench.path('stopped'), `checkpoints/step-${step.padStart(8, '0')}/state.json`))).toBe(true);
});

test('what all get wrong is said once; more processes than micro-batches are refused', async () => {
  const wrong = await runRanks(bench, openMpi(), 2, [...training('wrong'), '--set', 'training.batchSize=0']);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr.match(/error: /g)).toHaveLength(1);
  const crowd = training('crowd', { 'training.gradientAccumulation': 2 });
  const { status, stderr } = await runRanks(bench, openMpi(), 3, crowd);
  expect(status).toBe(2);
  expect(stderr).toContain('3 processes share 2 micro-batches of a step; start 2 at most, or accumulate over more');
  expect(existsSync(join(bench.path('crowd'), 'config.json'))).toBe(false);
});
