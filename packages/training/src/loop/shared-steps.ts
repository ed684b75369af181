import { createHash } from 'node:crypto';
import { OrderedSum, type Peers } from '@dynact/collectives';
import { InputError } from '@dynact/files';
import type { GradientExchange } from '@dynact/nn';
import type { CheckpointContent, StoredTensor } from '@dynact/runs';
import { tooManyRanks } from '../plan/plan-ranks.ts';

/** Time that this process gives the others in a step. */
export interface ExchangeTime {
  /** Milliseconds of waiting for the others, sending and adding. */
  readonly exchangeMs: number;
  /** Milliseconds of bringing gradients from the device. */
  readonly copyMs: number;
}

const noTime: ExchangeTime = { exchangeMs: 0, copyMs: 0 };

/**
 * The steps of a run that several processes train together. Each takes a share of a step's micro-batches; gradients are
 * added in the order of micro-batches, so that the number of processes never changes the bits. All end at the same step.
 */
export class SharedSteps implements GradientExchange {
  readonly ranks: Peers;
  readonly #sum: OrderedSum;
  readonly #microBatches: number;
  readonly #wantsToStop: () => boolean;
  #round = 0;
  #stops = false;
  /** Time of the step under way. */
  #spent = noTime;
  #lastTime = noTime;
  #wholeTime = noTime;
  #steps = 0;

  /** @throws InputError where there are more processes than micro-batches */
  constructor(
    ranks: Peers,
    {
      parameters,
      microBatches,
      wantsToStop,
    }: {
      /** How many numbers a gradient has. */
      parameters: number;
      /** Micro-batches of a step, of all processes together. */
      microBatches: number;
      /** Whether this process was told to end. */
      wantsToStop: () => boolean;
    },
  ) {
    if (ranks.size > microBatches) throw tooManyRanks(ranks.size, microBatches);
    this.ranks = ranks;
    this.#sum = new OrderedSum(ranks, parameters);
    this.#microBatches = microBatches;
    this.#wantsToStop = wantsToStop;
  }

  /** Whether a process had been told to end when the last step was exchanged; equal in all. */
  get stops(): boolean {
    return this.#stops;
  }

  /** Time of the last step. */
  get lastTime(): ExchangeTime {
    return this.#lastTime;
  }

  /** Mean time over the steps so far. */
  get meanTime(): ExchangeTime {
    const steps = Math.max(1, this.#steps);
    return { exchangeMs: this.#wholeTime.exchangeMs / steps, copyMs: this.#wholeTime.copyMs / steps };
  }

  add(gradients: Float32Array | undefined, copyMs: number): void {
    const before = performance.now();
    const { size } = this.ranks;
    this.#sum.add(gradients, Math.min(size, this.#microBatches - this.#round * size));
    this.#round += 1;
    this.#spent = sum(this.#spent, { exchangeMs: performance.now() - before, copyMs });
  }

  finish(own: readonly number[]): { sums: Float32Array; losses: number[] } {
    const { size } = this.ranks;
    const rounds = Math.ceil(this.#microBatches / size);
    // Others may have one more.
    while (this.#round < rounds) this.add(undefined, 0);
    this.#round = 0;
    const before = performance.now();
    const sums = this.#sum.take();
    const padded = Array.from({ length: rounds }, (_, round) => own[round] ?? 0);
    const shared = this.ranks.gather([...padded, Number(this.#wantsToStop())]);
    const of = (rank: number, place: number) => shared[rank * (rounds + 1) + place]!;
    const losses = Array.from({ length: this.#microBatches }, (_, index) => of(index % size, Math.floor(index / size)));
    this.#stops = Array.from({ length: size }, (_, rank) => of(rank, rounds)).some(Boolean);
    this.#lastTime = sum(this.#spent, { exchangeMs: performance.now() - before, copyMs: 0 });
    this.#wholeTime = sum(this.#wholeTime, this.#lastTime);
    this.#spent = noTime;
    this.#steps += 1;
    return { sums, losses };
  }

  /** @throws InputError where one begins after another step than the others, as it sees another checkpoint */
  beginAfter(step: number): void {
    const other = this.ranks.gather([step]).findIndex((each) => each !== step);
    if (other < 0) return;
    throw new InputError(
      'run-folder',
      `process ${this.ranks.rank} would begin after step ${step}, process ${other} after another; let all see the same run folder`,
    );
  }

  /**
   * Compares what all processes are about to save.
   * @throws InputError where one has other numbers: machines of several kinds may compute other bits
   */
  compare({ weights, optimizer }: CheckpointContent, step: number): void {
    const digest = createHash('sha256');
    for (const [name, { data }] of [...weights, ...optimizer]) digest.update(name).update(bytesOf(data));
    // Numbers of 48 bits, which a double holds.
    const own = digest.digest();
    const parts = [0, 6, 12, 18, 24].map((at) => own.readUIntBE(at, 6));
    const all = this.ranks.gather(parts);
    const other = all.findIndex((part, index) => part !== parts[index % parts.length]);
    if (other < 0) return;
    throw new InputError(
      'device',
      `after step ${step} processes ${this.ranks.rank} and ${Math.floor(other / parts.length)} hold other weights; let them run on equal machines`,
    );
  }
}

function sum(a: ExchangeTime, b: ExchangeTime): ExchangeTime {
  return { exchangeMs: a.exchangeMs + b.exchangeMs, copyMs: a.copyMs + b.copyMs };
}

function bytesOf({ buffer, byteOffset, byteLength }: StoredTensor['data']): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
