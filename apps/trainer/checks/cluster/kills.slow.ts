import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomOf } from '../../../../test/fuzz/mutations.ts';
import { ended, sha256, timelessRecords, Workbench } from '../../test/support/workbench.ts';
import { openMpi, processOfRank, startRanks } from './mpi.ts';
import { SlurmCluster, waitFor } from './slurm-cluster.ts';

const kills = 20;
const mostRanks = 3;
const seed = Number(process.env.DYNACT_PROPERTY_SEED ?? Date.now() % 2 ** 31);
const bench = new Workbench();
const comparison = bench.tiny({ 'training.steps': 3000, 'training.checkpoint.every': 50, 'comparison.seeds': [0, 1] });
const together = bench.tiny({
  'model.dropout': 0.1,
  'training.steps': 2000,
  'training.checkpoint.every': 50,
  'training.gradientAccumulation': mostRanks,
  'training.movingAverage': { decay: 0.9 },
});
const runs = ['swiglu', 'dynactglu'].flatMap((variant) => [`${variant}-seed-0`, `${variant}-seed-1`]);
let cluster: SlurmCluster;

/** A command that is called again until its folder is whole, then with another folder, until all kills are done. */
class Work {
  /** Folders that came to their end. */
  readonly whole: string[] = [];
  readonly #name: string;
  readonly #start: (out: string) => ChildProcess;
  readonly #result: string;
  #process: ChildProcess | undefined;
  #calls = 0;

  /** @param result the file that a whole folder has */
  constructor(name: string, result: string, start: (out: string) => ChildProcess) {
    [this.#name, this.#result, this.#start] = [name, result, start];
  }

  get out(): string {
    return bench.path(`${this.#name}-${this.whole.length}`);
  }

  get calls(): number {
    return this.#calls;
  }

  get process(): ChildProcess | undefined {
    return this.#process?.exitCode === null && this.#process.signalCode === null ? this.#process : undefined;
  }

  /** @throws Error where a call that nothing disturbed does not succeed: its folder cannot go on */
  async goOn(): Promise<void> {
    do {
      const killsBefore = killed.length;
      this.#calls += 1;
      this.#process = this.#start(this.out);
      const { status, stderr } = await ended(this.#process);
      if (status === 0) {
        expect(existsSync(join(this.out, this.#result))).toBe(true);
        this.whole.push(this.out);
      } else if (killed.length === killsBefore) {
        throw new Error(`${this.out}: exit code ${status} though nothing was killed: ${stderr}`);
      }
    } while (!isOver && (killed.length < kills || this.whole.length === 0 || existsSync(this.out)));
  }
}

const compared = new Work('compared', 'comparison.json', (out) =>
  bench.start(['compare', ...comparison, '--executor', 'slurm', '--out', out]),
);
const ranksOfCall = randomOf(`${seed} ranks`);
const ranksTogether = new Work('together', 'summary.json', (out) => {
  const count = 1 + Math.floor(mostRanks * ranksOfCall());
  return startRanks(bench, openMpi(), count, ['train', ...together, '--out', out, '--continue']);
});
/** Kinds of those that were killed. */
const killed: string[] = [];
/** Whether the test has ended, well or not. */
let isOver = false;

/** Processes that write runs of the comparison now. */
function jobs(): number[] {
  return runs.flatMap((run) => {
    try {
      return [JSON.parse(readFileSync(join(compared.out, run, '.lock'), 'utf8')).pid as number];
    } catch {
      return [];
    }
  });
}

/** Processes of each kind that may be killed. */
const victims: Record<string, () => number[]> = {
  submitter: () => [compared.process?.pid ?? []].flat(),
  job: jobs,
  slurmd: () => ['n1', 'n2'].flatMap((node) => cluster.nodeProcess(node).pid ?? []),
  rank: () => [0, 1, 2].flatMap((rank) => processOfRank(rank, ranksTogether.out) ?? []),
};

beforeAll(async () => {
  console.log(`DYNACT_PROPERTY_SEED=${seed} draws the same kills`);
  cluster = await SlurmCluster.start();
  process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
  for (const parameters of [
    ['compare', ...comparison, '--jobs', '2', '--out', bench.path('compared')],
    ['train', ...together, '--out', bench.path('together')],
  ]) {
    const { status, stderr } = await bench.run(...parameters);
    expect(status, stderr).toBe(0);
  }
});
afterAll(async () => {
  ranksTogether.process?.kill();
  compared.process?.kill('SIGKILL');
  await cluster?.stop();
});

test('twenty kills of submitters, jobs, nodes and ranks lose nothing, and every folder goes on', async () => {
  const begun = performance.now();
  const hurry = setInterval(() => cluster.hurry(), 2000);
  try {
    await Promise.all([compared.goOn(), ranksTogether.goOn(), killAll()]);
  } finally {
    isOver = true;
    clearInterval(hurry);
  }
  for (const out of compared.whole) {
    expect(readFileSync(join(out, 'comparison.json'), 'utf8')).toBe(
      readFileSync(join(bench.path('compared'), 'comparison.json'), 'utf8'),
    );
    for (const run of runs) expectSameRun(join(out, run), join(bench.path('compared'), run));
  }
  for (const out of ranksTogether.whole) expectSameRun(out, bench.path('together'));
  const folders = [compared, ranksTogether].map(({ whole, calls }) => `${whole.length} in ${calls} calls`);
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(
    `seed ${seed}: ${killed.length} kills in ${seconds} s; comparisons: ${folders[0]}, runs of ranks: ${folders[1]}`,
  );
}, 1_800_000);

async function killAll(): Promise<void> {
  const random = randomOf(`${seed} kills`);
  const left = Array.from({ length: kills }, (_, index) => Object.keys(victims)[index % 4]!);
  const nodes: Promise<void>[] = [];
  while (!isOver && left.length > 0) {
    await setTimeout(1000 + 6000 * random());
    const [kind] = left.splice(Math.floor(left.length * random()), 1);
    const [choice, pause] = [random(), 15_000 * random()];
    let pid: number | undefined;
    await waitFor(() => {
      const among = victims[kind!]!();
      pid = among[Math.floor(among.length * choice)];
      return pid !== undefined && killIfThere(pid);
    });
    killed.push(kind!);
    console.log(`kill ${killed.length}: ${kind}`);
    if (kind === 'slurmd') nodes.push(startAgain(pid!, pause));
  }
  await Promise.all(nodes);
}

/** A node comes back after a while: at once, or when Slurm has given it up. */
async function startAgain(pid: number, milliseconds: number): Promise<void> {
  const node = ['n1', 'n2'].find((name) => cluster.nodeProcess(name).pid === pid)!;
  await setTimeout(milliseconds);
  cluster.startNode(node);
}

/** Fails unless a run holds what an undisturbed one does. */
function expectSameRun(run: string, expected: string): void {
  expect(timelessRecords(run)).toEqual(timelessRecords(expected));
  const checkpoints = readdirSync(join(expected, 'checkpoints'));
  expect(readdirSync(join(run, 'checkpoints'))).toEqual(checkpoints);
  for (const file of ['weights.safetensors', 'optimizer.safetensors']) {
    const last = join('checkpoints', checkpoints.at(-1)!, file);
    expect(sha256(join(run, last)), last).toBe(sha256(join(expected, last)));
  }
}

/** @returns whether it was */
function killIfThere(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
