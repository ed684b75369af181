import { expect, test } from 'vitest';
import { OrderedSum } from '../src/index.ts';

/** Values whose float32 sums depend on the order in which they are added. */
function valuesOf(round: number, rank: number, length: number): Float32Array {
  const random = (index: number) => Math.sin(12.9898 * index + 78.233 * rank + 37.719 * round) * 43_758.5453;
  return Float32Array.from({ length }, (_, index) => (random(index) % 1) * 10 ** (index % 9));
}

/** The sum as one process has it: a micro-batch after another. @param counts ranks that have values, in each round */
function inOrder(counts: readonly number[], length: number): Float32Array {
  const sum = new Float32Array(length);
  for (const [round, count] of counts.entries()) {
    for (let rank = 0; rank < count; rank++) {
      for (const [index, value] of valuesOf(round, rank, length).entries()) sum[index]! += value;
    }
  }
  return sum;
}

/** The part that one of several ranks adds, where the others are known. */
function partOf(rank: number, counts: readonly number[], size: number, length: number): Float32Array {
  let part = new Float32Array();
  let round = 0;
  const peers = {
    rank,
    size,
    exchange(send: Float32Array, receive: Float32Array) {
      const width = send.length / size;
      for (let from = 0; from < size; from++) {
        // One that has no values sends what it has left.
        const all = new Float32Array(send.length).fill(Number.NaN);
        if (from < counts[round]!) all.set(valuesOf(round, from, length));
        if (from === rank && from < counts[round]!) expect(send.subarray(0, length)).toEqual(all.subarray(0, length));
        receive.set(all.subarray(rank * width, (rank + 1) * width), from * width);
      }
    },
    gatherInto(own: Float32Array) {
      part = own.slice();
    },
  };
  const sum = new OrderedSum(peers, length);
  for (; round < counts.length; round++) {
    sum.add(rank < counts[round]! ? valuesOf(round, rank, length) : undefined, counts[round]!);
  }
  expect(sum.take()).toHaveLength(length);
  return part;
}

test.each([
  [1, 10],
  [2, 10],
  [3, 10],
  [4, 1003],
])('the parts of %i ranks are the sum of one process over %i values, to the bit', (size, length) => {
  const counts = [size, size, Math.max(1, size - 1)];
  const parts = Array.from({ length: size }, (_, rank) => [...partOf(rank, counts, size, length)]);
  expect(parts.flat().slice(0, length)).toEqual([...inOrder(counts, length)]);
});

test('each sum begins anew', () => {
  const peers = {
    rank: 0,
    size: 1,
    exchange: (send: Float32Array, receive: Float32Array) => receive.set(send),
    gatherInto: (own: Float32Array, all: Float32Array) => all.set(own),
  };
  const sum = new OrderedSum(peers, 2);
  sum.add(new Float32Array([1, 2]), 1);
  const first = sum.take();
  sum.add(new Float32Array([5, 7]), 1);
  expect([first, sum.take()]).toEqual([new Float32Array([1, 2]), new Float32Array([5, 7])]);
});
