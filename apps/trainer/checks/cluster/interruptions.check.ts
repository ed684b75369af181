import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRunFolder } from '@dynact/runs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended, sha256, timelessRecords } from '../../test/support/workbench.ts';
import { SlurmBench } from './slurm-bench.ts';
import { waitFor } from './slurm-cluster.ts';

let bench: SlurmBench;
/** One run, frozen where something is to happen in the middle of it, so that it may be short. */
let settings: string[];

beforeAll(async () => {
  bench = await SlurmBench.start();
  settings = bench.tiny({
    'training.steps': 800,
    'training.checkpoint.every': 25,
    'comparison.seeds': [0],
    'comparison.variants': { swiglu: {} },
  });
  await bench.succeeds('compare', ...settings, '--out', bench.path('alone'));
  const hurry = setInterval(() => bench.cluster.hurry(), 1000);
  return () => clearInterval(hurry);
});
afterAll(() => bench?.cluster.stop());

const runOf = (out: string) => join(bench.path(out), 'swiglu-seed-0');

/** Fails unless the run holds what the one of this machine does, and nothing else. */
function expectSameRun(out: string): void {
  expect(bench.resultOf(out)).toBe(bench.resultOf('alone'));
  const [run, expected] = [runOf(out), runOf('alone')];
  expect(timelessRecords(run)).toEqual(timelessRecords(expected));
  const withoutTimes = (directory: string) => filesOf(directory).map((name) => name.replace(/\.\d+\.(\w|-)+$/, ''));
  expect(new Set(withoutTimes(run))).toEqual(new Set(withoutTimes(expected)));
  for (const name of filesOf(run).filter((file) => file.endsWith('.safetensors'))) {
    expect(sha256(join(run, name)), name).toBe(sha256(join(expected, name)));
  }
}

function filesOf(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length))
    .sort();
}

/** Names and digests of all files below a folder. */
function contentOf(directory: string): string[] {
  return filesOf(directory).map((name) => `${name} ${sha256(join(directory, name))}`);
}

/** Where the only job of the cluster is. */
function onlyJob(): { id: string; state: string; node: string } {
  const [id = '', state = '', node = ''] = (bench.cluster.jobs()[0] ?? '').split(' ');
  return { id, state, node };
}

/**
 * Freezes the process that writes a run.
 * @param attempt of its job, from 0
 * @param after a step; it has saved a later one by then
 */
async function freeze(out: string, { attempt, after }: { attempt: number; after: number }) {
  const lock = join(runOf(out), '.lock');
  let [pid, step] = [0, 0];
  await waitFor(() => {
    if (!existsSync(lock)) return false;
    const holder = JSON.parse(readFileSync(lock, 'utf8'));
    step = readRunFolder(runOf(out)).checkpoints().at(-1)?.step ?? 0;
    if (holder.attempt.restarts !== attempt || step <= after) return false;
    pid = holder.pid;
    return process.kill(pid, 'SIGSTOP');
  });
  await waitFor(() => isFrozen(pid));
  return { pid, step };
}

/** Lets a frozen process go on once a signal to end awaits it, or Slurm has let it go on. */
async function thawWhenTold(pid: number): Promise<void> {
  const sigterm = 1n << 14n;
  await waitFor(() => {
    const status = statusOf(pid);
    const pending = BigInt(`0x${/^ShdPnd:\s*(\w+)/m.exec(status)?.[1] ?? '0'}`);
    return !isFrozen(pid) || (pending & sigterm) !== 0n;
  });
  if (isRunning(pid)) process.kill(pid, 'SIGCONT');
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

function isFrozen(pid: number): boolean {
  return /^State:\s*T/m.test(statusOf(pid));
}

function isRunning(pid: number): boolean {
  return /^State:\s*[^ZX\s]/m.test(statusOf(pid));
}

test('a run that is canceled, makes way for another job, or whose time is up, saves; it goes on, and ends with the same', async () => {
  const folder = bench.path('interrupted');
  // Slurm looks twice a minute: a job is told 10 to 40 s after it began.
  const executor = { kind: 'slurm', minutes: 1, extra: ['--signal=B:TERM@20'] };
  const limited = ['--set', `comparison.executor=${JSON.stringify(executor)}`];
  await bench.succeeds('submit', ...settings, ...limited, '--out', folder);
  const canceled = await freeze('interrupted', { attempt: 0, after: 0 });
  expect((await bench.run('cancel', folder)).stdout).toBe('1 runs told to save and end\n');
  await thawWhenTold(canceled.pid);
  await waitFor(() => bench.cluster.jobs().length === 0);
  expect(existsSync(join(runOf('interrupted'), 'summary.json'))).toBe(false);

  const outcome = ended(bench.start(['compare', '--out', folder]));
  const preempted = await freeze('interrupted', { attempt: 0, after: canceled.step });
  const { id, node } = onlyJob();
  const options = ['--partition=high', `--nodelist=${node}`, '--output=/dev/null'];
  bench.cluster.ask('sbatch', ...options, '--wrap=sleep 2');
  await thawWhenTold(preempted.pid);
  const late = await freeze('interrupted', { attempt: 1, after: preempted.step });
  await thawWhenTold(late.pid);
  await waitFor(() => /Restarts=2/.test(bench.cluster.ask('scontrol', 'show', 'job', id)));
  const { status, stderr } = await outcome;
  expect(status, stderr).toBe(0);
  expectSameRun('interrupted');
});

test('a run whose node is lost goes on elsewhere; thawed, the first process writes nothing more', async () => {
  const outcome = ended(bench.start(['compare', ...settings, '--executor', 'slurm', '--out', bench.path('lost')]));
  const first = await freeze('lost', { attempt: 0, after: 0 });
  const { node } = onlyJob();
  bench.cluster.nodeProcess(node).kill('SIGSTOP');
  const second = await freeze('lost', { attempt: 1, after: first.step });
  expect(onlyJob().node).not.toBe(node);
  const before = contentOf(runOf('lost'));
  process.kill(first.pid, 'SIGCONT');
  await waitFor(() => !isRunning(first.pid));
  expect(contentOf(runOf('lost'))).toEqual(before);
  process.kill(second.pid, 'SIGCONT');
  const { status, stderr } = await outcome;
  expect(status, stderr).toBe(0);
  expectSameRun('lost');
});
