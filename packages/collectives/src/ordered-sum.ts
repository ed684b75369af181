import type { Peers } from './ranks.ts';

type Adders = Pick<Peers, 'rank' | 'size' | 'exchange' | 'gatherInto'>;

/**
 * Sums over ranks whose bits do not depend on how many ranks there are: MPI_Allreduce adds in an order of its own. Each rank
 * is sent its part of everybody's values and adds them in the order of the ranks; at the end all are sent all parts. That
 * is the traffic of a ring for one round.
 */
export class OrderedSum {
  readonly #peers: Adders;
  readonly #length: number;
  readonly #send: Float32Array;
  readonly #receive: Float32Array;
  /** This rank's part. */
  readonly #sum: Float32Array;

  /** @param length values of a sum */
  constructor(peers: Adders, length: number) {
    this.#peers = peers;
    this.#length = length;
    const part = Math.ceil(length / peers.size);
    this.#send = new Float32Array(part * peers.size);
    this.#receive = new Float32Array(part * peers.size);
    this.#sum = new Float32Array(part);
  }

  /**
   * Adds a round: the values of rank 0, then those of rank 1, ... Every rank calls it.
   * @param values [length], undefined where this rank has none
   * @param count ranks that have some, the first ones
   */
  add(values: Float32Array | undefined, count: number): void {
    if (values !== undefined) this.#send.set(values);
    this.#peers.exchange(this.#send, this.#receive);
    const sum = this.#sum;
    const { length } = sum;
    for (let rank = 0; rank < count; rank++) {
      const received = this.#receive.subarray(rank * length, (rank + 1) * length);
      for (let index = 0; index < length; index++) sum[index]! += received[index]!;
    }
  }

  /** The sums, which begin anew. @returns [length] */
  take(): Float32Array {
    this.#peers.gatherInto(this.#sum, this.#receive);
    this.#sum.fill(0);
    return this.#receive.slice(0, this.#length);
  }
}
