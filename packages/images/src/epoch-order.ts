import { uniformStream } from '@dynact/nn';

/**
 * The order in which examples are seen: sample n of a run is example n modulo `count` of epoch n / count, shuffled anew for
 * each epoch. A pure function of (seed, n), so that resuming at any batch costs nothing.
 */
export function createEpochOrder(count: number, seed: number): (sample: number) => number {
  let epochOfOrder = -1;
  const order = new Uint32Array(count);
  return (sample) => {
    const epoch = Math.floor(sample / count);
    if (epoch !== epochOfOrder) {
      shuffle(order, uniformStream(seed, `examples of epoch ${epoch}`));
      epochOfOrder = epoch;
    }
    return order[sample % count]!;
  };
}

/** Fisher and Yates's shuffle of 0, 1, 2, ... */
function shuffle(order: Uint32Array, uniform: () => number): void {
  for (let at = 0; at < order.length; at += 1) {
    const from = Math.floor(uniform() * (at + 1));
    order[at] = order[from]!;
    order[from] = at;
  }
}
