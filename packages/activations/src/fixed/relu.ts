import { leakyRelu, mul, relu, square, step } from '../operations.ts';
import type { Curve } from './curve.ts';

/** max(0, x) */
export const reluCurve: Curve = {
  forward: (x) => ({ value: relu(x), reuse: [] }),
  slope: (x) => step(x),
};

/** max(0, x)^2 (arXiv 2109.08668) */
export const relu2Curve: Curve = {
  forward: (x) => {
    const rectified = relu(x);
    return { value: square(rectified), reuse: [rectified] };
  },
  slope: (_, { reuse }) => mul(reuse[0]!, 2),
};

/** x where x > 0, else negativeSlope x */
export function leakyReluCurve(negativeSlope: number): Curve {
  return {
    forward: (x) => ({ value: leakyRelu(x, negativeSlope), reuse: [] }),
    slope: (x) => step(x, negativeSlope),
  };
}
