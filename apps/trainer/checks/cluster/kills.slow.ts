import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended, timelessRecords, Workbench } from '../../test/support/workbench.ts';
import { openMpi, processOfRank, startRanks } from './mpi.ts';
import { SlurmCluster, waitFor } from './slurm-cluster.ts';

const kills = 20;
const bench = new Workbench();
let cluster: SlurmCluster;

/** Numbers from 0 to 1, the same every time. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = randomNumbers(Number(process.env.DYNACT_PROPERTY_SEED ?? 1));
const settings = bench.tiny({ 'training.steps': 600, 'training.checkpoint.every': 20, 'comparison.seeds': [0] });
const compareInto = (out: string, ...more: string[]) => ['compare', ...settings, ...more, '--out', bench.path(out)];
const trainInto = (out: string) => {
  const together = bench.tiny({
    'training.steps': 600,
    'training.checkpoint.every': 20,
    'training.gradientAccumulation': 2,
  });
  return ['train', ...together, '--out', bench.path(out)];
};

beforeAll(async () => {
  cluster = await SlurmCluster.start();
  process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
  for (const parameters of [compareInto('alone'), trainInto('trained-alone')]) {
    expect((await bench.run(...parameters)).status).toBe(0);
  }
});
afterAll(() => cluster?.stop());

/** The processes that write runs of the comparison now. */
function writers(): number[] {
  return ['swiglu-seed-0', 'dynactglu-seed-0'].flatMap((run) => {
    const lock = join(bench.path('killed'), run, '.lock');
    return existsSync(lock) ? [JSON.parse(readFileSync(lock, 'utf8')).pid as number] : [];
  });
}

test('submitters, jobs and nodes that are killed in any order lose nothing', async () => {
  let submitter = bench.start(compareInto('killed', '--executor', 'slurm'));
  let outcome = ended(submitter);
  for (let kill = 0; kill < kills / 2; kill++) {
    await setTimeout(1000 + 5000 * random());
    cluster.hurry();
    const victim = Math.floor(3 * random());
    const pid = writers()[0];
    if (victim === 0) submitter.kill('SIGKILL');
    if (victim === 1 && pid !== undefined) killIfThere(pid);
    if (victim === 2) {
      const node = random() < 0.5 ? 'n1' : 'n2';
      cluster.nodeProcess(node).kill('SIGKILL');
      cluster.startNode(node);
    }
    if (submitter.exitCode !== null || submitter.signalCode !== null || victim === 0) {
      await outcome;
      submitter = bench.start(compareInto('killed', '--executor', 'slurm'));
      outcome = ended(submitter);
    }
  }
  const hurry = globalThis.setInterval(() => cluster.hurry(), 2000);
  // What failed is listed, and run again.
  for (let call = 0; (await outcome).status !== 0 && call < kills; call++) {
    outcome = ended(bench.start(compareInto('killed')));
  }
  clearInterval(hurry);
  const { status, stderr } = await outcome;
  expect(status, stderr).toBe(0);
  expect(readFileSync(join(bench.path('killed'), 'comparison.json'), 'utf8')).toBe(
    readFileSync(join(bench.path('alone'), 'comparison.json'), 'utf8'),
  );
});

test('ranks that are killed, whichever, lose nothing', async () => {
  const out = bench.path('ranks');
  for (let kill = 0; kill < kills / 2; kill++) {
    const begun = existsSync(join(out, 'config.json'));
    const child = startRanks(bench, openMpi(), 2, begun ? ['train', '--resume', out] : trainInto('ranks'));
    const outcome = ended(child);
    await waitFor(() => child.exitCode !== null || processOfRank(0, out) !== undefined);
    await setTimeout(1000 + 6000 * random());
    const pid = processOfRank(random() < 0.5 ? 0 : 1, out);
    if (pid !== undefined) killIfThere(pid);
    await outcome;
    if (existsSync(join(out, 'summary.json'))) break;
  }
  if (!existsSync(join(out, 'summary.json'))) expect((await bench.run('train', '--resume', out)).status).toBe(0);
  expect(timelessRecords(out)).toEqual(timelessRecords(bench.path('trained-alone')));
  expect(readdirSync(join(out, 'checkpoints'))).toEqual(readdirSync(join(bench.path('trained-alone'), 'checkpoints')));
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
