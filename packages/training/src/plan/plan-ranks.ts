import { InputError } from '@dynact/files';

/** Cost of spreading the micro-batches of a step over processes. */
export interface RanksPlan {
  readonly ranks: number;
  /** Micro-batches that the busiest process takes. */
  readonly rounds: number;
  /** Bytes that a process sends in a step, and receives. */
  readonly exchangedBytes: number;
  readonly exchangeMs: number;
  readonly stepMs: number;
  /** Share of what as many processes would do that need not speak to each other. */
  readonly efficiency: number;
}

/**
 * The arithmetic of a step in several processes: after each round of micro-batches every process sends every other one its
 * part of the gradients, at the end the sum of its own part (`OrderedSum`).
 * @throws InputError where some would have nothing to do
 */
export function planRanks({
  parameters,
  microBatches,
  microBatchMs,
  ranks,
  bytesPerSecond,
}: {
  /** Trainable numbers, of four bytes. */
  parameters: number;
  microBatches: number;
  /** Time of one forward and backward pass in a process. */
  microBatchMs: number;
  ranks: number;
  /** Speed of the network of one process, in each direction. */
  bytesPerSecond: number;
}): RanksPlan {
  if (ranks > microBatches) throw tooManyRanks(ranks, microBatches);
  const rounds = Math.ceil(microBatches / ranks);
  const exchangedBytes = (4 * parameters * (rounds + 1) * (ranks - 1)) / ranks;
  const exchangeMs = (exchangedBytes / bytesPerSecond) * 1000;
  const stepMs = rounds * microBatchMs + exchangeMs;
  const efficiency = (microBatches * microBatchMs) / (ranks * stepMs);
  return { ranks, rounds, exchangedBytes, exchangeMs, stepMs, efficiency };
}

export function tooManyRanks(ranks: number, microBatches: number): InputError {
  return new InputError(
    'configuration',
    `training.gradientAccumulation: ${ranks} processes share ${microBatches} micro-batches of a step; start ${microBatches} at most, or accumulate over more`,
  );
}
