import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ended, type Outcome, sha256, timelessRecords, Workbench } from '../../test/support/workbench.ts';
import { SlurmCluster, waitFor } from './slurm-cluster.ts';

const bench = new Workbench();
let cluster: SlurmCluster;

/** Two runs of two variants, of twenty steps. */
const short = ['--preset', 'nano', '--steps', '20', '--seeds', '0,1', ...set({ 'training.checkpoint.every': 5 })];
/** One run that takes longer than Slurm needs to notice a lost node, or the end of a job's time. */
const long = [
  ...['--preset', 'nano', '--steps', '700', '--seeds', '0', '--variants', 'swiglu'],
  ...set({ 'training.checkpoint.every': 25, 'comparison.evaluationSteps': [700] }),
];
const onCluster = (options: string[], out: string) => ['--executor', 'slurm', ...options, '--out', bench.path(out)];

function set(values: Record<string, unknown>): string[] {
  return Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`]);
}

function start(command: string, ...parameters: string[]): Promise<Outcome> {
  const settings = set({ 'dataset.name': bench.corpus, 'dataset.vocabSize': 512, 'backend.threads': 1 });
  return ended(bench.start([command, ...settings, ...parameters]));
}

async function succeeds(command: string, ...parameters: string[]): Promise<string> {
  const { status, stdout, stderr } = await start(command, ...parameters);
  expect(status, stderr).toBe(0);
  return stdout;
}

const resultOf = (out: string) => readFileSync(join(bench.path(out), 'comparison.json'), 'utf8');
const longRun = (out: string) => join(bench.path(out), 'swiglu-seed-0');
const checkpointOf = (run: string, step: number) => join(run, 'checkpoints', `step-${String(step).padStart(8, '0')}`);

/** Fails unless the long run holds what the one of this machine does, and nothing else. */
function expectSameRun(out: string): void {
  expect(resultOf(out)).toBe(resultOf('long'));
  const [run, expected] = [longRun(out), longRun('long')];
  expect(timelessRecords(run)).toEqual(timelessRecords(expected));
  const files = (directory: string) => readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const withoutTimes = (directory: string) => files(directory).map((name) => name.replace(/\.\d+\.(\w|-)+$/, ''));
  expect(new Set(withoutTimes(run))).toEqual(new Set(withoutTimes(expected)));
  for (const name of files(run).filter((file) => file.endsWith('.safetensors'))) {
    expect(sha256(join(run, name)), name).toBe(sha256(join(expected, name)));
  }
}

/** Where the only job of the cluster is. */
function onlyJob(): { id: string; state: string; node: string } {
  const [id = '', state = '', node = ''] = (cluster.jobs()[0] ?? '').split(' ');
  return { id, state, node };
}

function restartsOf(id: string): number {
  return Number(/Restarts=(\d+)/.exec(cluster.ask('scontrol', 'show', 'job', id))?.[1]);
}

beforeAll(async () => {
  cluster = await SlurmCluster.start();
  process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
  await succeeds('compare', ...short, '--out', bench.path('short'));
  await succeeds('compare', ...long, '--out', bench.path('long'));
});
afterAll(() => cluster?.stop());

test('two variants and two seeds on two nodes give the comparison.json of this machine', async () => {
  await succeeds('compare', ...onCluster(short, 'both-nodes'));
  expect(resultOf('both-nodes')).toBe(resultOf('short'));
});

test('submitted and left, looked at, and collected later, they give the same', async () => {
  const folder = bench.path('left');
  expect(await succeeds('submit', ...short, '--out', folder)).toBe(`4 of 4 runs with Slurm: ${folder}\n`);
  const statuses = () => bench.run('status', folder, '--json').then(({ stdout }) => JSON.parse(stdout));
  expect((await statuses()).map(({ run }: { run: string }) => run)).toEqual(
    ['swiglu', 'dynactglu'].flatMap((variant) => [`${variant} seed 0`, `${variant} seed 1`]),
  );
  await waitFor(() => cluster.jobs().length === 0);
  for (const each of await statuses()) expect(each).toMatchObject({ state: 'finished', step: 20, steps: 20, note: '' });
  await bench.run('compare', '--out', folder);
  expect(resultOf('left')).toBe(resultOf('short'));
});

test('a run that nobody can train fails once and is listed with its reason; the others go on', async () => {
  const variants = { swiglu: {}, broken: { training: { from: bench.path('nowhere') } } };
  const options = set({ 'comparison.variants': variants, 'comparison.seeds': [0], 'training.steps': 5 });
  const { status, stderr } = await start('compare', '--preset', 'nano', ...onCluster(options, 'broken'));
  expect(status).toBe(2);
  expect(stderr).toMatch(/1 of 2 runs failed; call it again to run them again; broken seed 0: .*nowhere/);
  expect(existsSync(join(bench.path('broken'), 'swiglu-seed-0', 'summary.json'))).toBe(true);
  const failures = readdirSync(join(bench.path('broken'), 'cluster'), { recursive: true, encoding: 'utf8' });
  expect(failures.filter((name) => name.includes('failed')).length).toBe(1);
  expect((await bench.run('status', bench.path('broken'))).stdout).toMatch(/broken seed 0 +failed +0 of 5 .*nowhere/);
});

test('a run whose node is lost goes on elsewhere; thawed, the first process writes nothing more', async () => {
  const outcome = start('compare', ...onCluster(long, 'lost'));
  const lock = join(longRun('lost'), '.lock');
  await waitFor(() => existsSync(checkpointOf(longRun('lost'), 25)));
  const { node } = onlyJob();
  const holder = () => JSON.parse(readFileSync(lock, 'utf8'));
  const { pid } = holder();
  process.kill(pid, 'SIGSTOP');
  cluster.nodeProcess(node).kill('SIGSTOP');
  await waitFor(() => {
    cluster.hurry();
    return existsSync(lock) && holder().pid !== pid;
  });
  expect(onlyJob().node).not.toBe(node);
  expect(holder().attempt.restarts).toBe(1);
  process.kill(pid, 'SIGCONT');
  await waitFor(() => !isRunning(pid));
  expect(holder().pid).not.toBe(pid);
  const { status, stderr } = await outcome;
  expect(status, stderr).toBe(0);
  expectSameRun('lost');
  cluster.nodeProcess(node).kill('SIGCONT');
  await waitFor(() =>
    /idle.*idle/s.test(cluster.ask('sinfo', '--noheader', '--Node', '--partition=low', '--format=%T')),
  );
});

test('a run that is canceled, makes way for another job, or whose time is up, saves; it goes on, and ends with the same', async () => {
  const folder = bench.path('interrupted');
  // Slurm looks twice a minute: the job is told 10 to 40 s after it began.
  const executor = { kind: 'slurm', minutes: 1, extra: ['--signal=B:TERM@20'] };
  await succeeds('submit', ...long, ...set({ 'comparison.executor': executor }), '--out', folder);
  const hurry = setInterval(() => cluster.hurry(), 2000);
  onTestFinished(() => clearInterval(hurry));
  await waitFor(() => existsSync(checkpointOf(longRun('interrupted'), 25)));
  expect((await bench.run('cancel', folder)).stdout).toBe('1 runs told to save and end\n');
  await waitFor(() => cluster.jobs().length === 0);
  expect(existsSync(join(longRun('interrupted'), 'summary.json'))).toBe(false);
  const outcome = ended(bench.start(['compare', '--out', folder]));
  await waitFor(() => onlyJob().state === 'RUNNING' && existsSync(join(longRun('interrupted'), '.lock')));
  const { id, node } = onlyJob();
  cluster.ask('sbatch', '--partition=high', `--nodelist=${node}`, '--wrap=sleep 2', '--output=/dev/null');
  await waitFor(() => restartsOf(id) === 1);
  const { status, stderr } = await outcome;
  expect(status, stderr).toBe(0);
  expectSameRun('interrupted');
  // Of the preemption, and of at least one end of its time.
  expect(restartsOf(id)).toBeGreaterThanOrEqual(2);
});

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(
      execFileSync('cat', [`/proc/${pid}/stat`], { stdio: ['ignore', 'pipe', 'ignore'] }).toString(),
    );
  } catch {
    return false;
  }
}
