import { add, elu, minimum } from '@tensorflow/tfjs-core';
import type { Curve } from './curve.ts';

/** x where x > 0, else e^x - 1 (arXiv 1511.07289, alpha 1) */
export const eluCurve: Curve = {
  forward: (x) => ({ value: elu(x), reuse: [] }),
  // e^x = f + 1 where x <= 0, and 1 = 0 + 1 where x > 0.
  slope: (_, { value }) => add(minimum(value, 0), 1),
};
