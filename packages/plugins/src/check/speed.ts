import type { Compile } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import { blockSubject } from './subject.ts';

/**
 * Times of a forward and backward pass of blocks of the default model's width, taken in turns.
 * @returns the median in milliseconds, one a kind
 */
export function timeOf(kinds: readonly string[], compile: Compile): number[] {
  const blocks = kinds.map((kind) => blockSubject(kind, 128, 1024));
  const steps = blocks.map(({ run, variables }) =>
    compile(() => {
      const { value, grads } = tf.variableGrads(
        () => tf.sum(run()),
        variables.map(({ variable }) => variable),
      );
      return { value, ...grads };
    }),
  );
  const times = kinds.map((): number[] => []);
  for (let round = 0; round < 10; round++) {
    for (const [index, step] of steps.entries()) {
      const begin = performance.now();
      const results = step();
      for (const tensor of Object.values(results)) tensor.dataSync();
      tf.dispose(results);
      times[index]!.push(performance.now() - begin);
    }
  }
  for (const block of blocks) block.dispose();
  // The first rounds record and warm up.
  return times.map((all) => all.slice(3).toSorted((a, b) => a - b)[3]!);
}
