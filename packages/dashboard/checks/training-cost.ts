/**
 * `pnpm --filter @dynact/dashboard measure:training [pairs]`: what the server costs a training run beside it while a page
 * shows that run. One run trains all the while; the server is stopped for every second stretch of it, since two runs
 * after each other differ by more than the server could cost. Prints the mean of the paired differences with its 95 %
 * interval, and the processor time that the server took.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { meanAndHalfInterval } from '@dynact/runs/records';
import { readTail } from '../src/server/tail.ts';

const [pairs = 40] = process.argv.slice(2).map(Number);
/** Length of a stretch in milliseconds, in which the server looks at the log several times. */
const stretch = 5000;
/** Milliseconds before a stretch, in which a server that goes on reads what it missed. */
const settling = 500;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dynact-cost-'));
const log = join(folder, 'run', 'metrics.jsonl');
const children: ChildProcess[] = [];

function start(file: string, parameters: readonly string[]): ChildProcess {
  const child = spawn(file, parameters, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

/** Seconds of processor time of a process so far; Linux counts them in hundredths. */
function processorSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const newest = () => readTail(log, statSync(log).size);

/** Milliseconds of a training step from now on, over a stretch. */
async function millisecondsOfAStep(): Promise<number> {
  await wait(settling);
  const first = newest();
  await wait(stretch);
  const last = newest();
  if (last.step === first.step) throw new Error(`No step was trained between ${first.step} and the end of a stretch.`);
  return (last.ms - first.ms) / (last.step - first.step);
}

try {
  const server = start(process.execPath, [fileURLToPath(new URL('./measured-server.mjs', import.meta.url)), folder]);
  const [address] = await once(server.stdout!, 'data');
  const listen = `fetch(${JSON.stringify(`${String(address).trim()}events?runs=0/run&detail=1`)}).then(async ({ body }) => { for await (const _ of body); })`;
  // No evaluation and no checkpoint falls into a stretch, and the run lasts longer than all of them.
  const steps = '1000000';
  const run = start(join(root, 'dynact'), [
    ...['train', '--preset', 'nano', '--steps', steps, '--out', join(folder, 'run')],
    ...['--set', `training.evaluation.every=${steps}`, '--set', `training.checkpoint.every=${steps}`],
  ]);
  run.stdout!.resume();
  while (!existsSync(log) || newest().step < 200) await wait(500);
  start(process.execPath, ['--eval', listen]);
  await wait(stretch);

  const differences: number[] = [];
  const begun = { ms: performance.now(), processor: processorSeconds(server) };
  for (let pair = 1; pair <= pairs; pair += 1) {
    const times = { watched: 0, alone: 0 };
    // The order changes from pair to pair, so that a machine that becomes slower or faster favors neither.
    for (const kind of pair % 2 === 0 ? (['watched', 'alone'] as const) : (['alone', 'watched'] as const)) {
      server.kill(kind === 'alone' ? 'SIGSTOP' : 'SIGCONT');
      times[kind] = await millisecondsOfAStep();
    }
    differences.push(100 * (times.watched / times.alone - 1));
    console.log(`pair ${pair}: alone ${times.alone.toFixed(2)} ms a step, watched ${times.watched.toFixed(2)} ms`);
  }
  const watchedSeconds = (performance.now() - begun.ms) / 2000;
  const share = (100 * (processorSeconds(server) - begun.processor)) / watchedSeconds;
  const { mean, half } = meanAndHalfInterval(differences)!;
  const ends = [mean - (half ?? Number.NaN), mean + (half ?? Number.NaN)].map((end) => end.toFixed(2));
  console.log(`difference ${mean.toFixed(2)} %, 95 % interval ${ends.join(' to ')}, over ${pairs} pairs`);
  console.log(`the server took ${share.toFixed(1)} % of one core while it was not stopped`);
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
