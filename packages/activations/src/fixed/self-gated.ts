import type { Tensor } from '@tensorflow/tfjs-core';
import { add, mul } from '../operations.ts';
import type { Curve } from './curve.ts';

/**
 * x g(x), whose derivative is g(x) + x g'(x).
 *
 * @param gate g(x), and after it what `rise` uses again
 * @param rise x g'(x); `value` is x g(x)
 */
export function selfGated(
  gate: (x: Tensor) => readonly [Tensor, ...Tensor[]],
  rise: (x: Tensor, value: Tensor, computed: readonly Tensor[]) => Tensor,
): Curve {
  return {
    forward(x) {
      const reuse = gate(x);
      return { value: mul(x, reuse[0]), reuse };
    },
    slope: (x, { value, reuse }) => add(reuse[0]!, rise(x, value, reuse)),
  };
}
