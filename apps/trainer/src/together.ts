import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { localRank, Ranks } from '@dynact/collectives';
import { Interrupted, report } from '@dynact/command-line';

/** How long another process waits with an error that rank 0 may have, too: it ends all of them when it has said so. */
const patienceMs = 2000;

/**
 * Does work in each of the processes that mpirun started, or in this one alone. Rank 0 speaks; the others say nothing but
 * errors. An error in one ends all.
 */
export async function together(work: (ranks: Ranks | undefined) => Promise<void>): Promise<void> {
  const ranks = Ranks.join();
  if (ranks === undefined) return work(undefined);
  takeOwnGpu();
  const speak = ranks.rank === 0 ? () => {} : silence();
  try {
    await work(ranks.size === 1 ? undefined : ranks);
  } catch (error) {
    if (ranks.rank > 0) await setTimeout(patienceMs);
    speak();
    process.exitCode = report(error);
    // All of them end so, at the same step.
    if (!(error instanceof Interrupted)) ranks.abort(process.exitCode);
  }
  ranks.leave();
}

/** Rank 0 first: what it makes is there for the others. */
export async function inTurn<Result>(ranks: Ranks | undefined, work: () => Promise<Result>): Promise<Result> {
  if (ranks === undefined) return work();
  if (ranks.rank > 0) ranks.meet();
  const result = await work();
  if (ranks.rank === 0) ranks.meet();
  return result;
}

/** @returns what lets the process speak again */
function silence(): () => void {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) stream.write = () => true;
  return () => {
    for (const [index, stream] of streams.entries()) stream.write = writes[index]!;
  };
}

/** Each process of a machine takes a GPU of its own where there are several, of those that it may use. */
function takeOwnGpu(): void {
  const rank = localRank();
  const { CUDA_VISIBLE_DEVICES: allowed } = process.env;
  const gpus = allowed === undefined ? gpuNumbers() : allowed.split(',').filter(Boolean);
  if (rank !== undefined && gpus.length > 1) process.env.CUDA_VISIBLE_DEVICES = gpus[rank % gpus.length];
}

/** NVIDIA's, on Linux. */
function gpuNumbers(): string[] {
  try {
    return readdirSync('/dev').flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}
