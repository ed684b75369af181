import { dispose, eye, grad, linspace, mul, reshape, sum, tidy, tile } from '@tensorflow/tfjs-core';
import type { Activation } from './activation.ts';
import { InputError } from './errors.ts';
import { OwnedActivation } from './owned.ts';
import { seededRandom } from './random.ts';

export interface CurveRange {
  /** First x (default -5). */
  from?: number;
  /** Last x (default 5). */
  to?: number;
  /** How many samples, at least 2 (default 201). */
  points?: number;
}

/** Samples to plot: value[i] = f(x[i]), derivative[i] = d value[i] / d x[i]. */
export interface Curve {
  readonly x: Float32Array;
  readonly value: Float32Array;
  readonly derivative: Float32Array;
}

/** Samples of an activation at its initial values; those that are drawn are drawn from a fixed seed. */
export async function sampleCurve(activation: Activation, range: CurveRange): Promise<Curve> {
  const { from = -5, to = 5, points = 201 } = range;
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) {
    throw new InputError(`curve: the range is from ${from} to ${to}; both must be finite, from < to`);
  }
  if (!Number.isInteger(points) || points < 2) {
    throw new InputError(`curve: points is ${points}; it must be an integer >= 2`);
  }
  const owned = new OwnedActivation(activation, { random: seededRandom(0) });
  const tensors = tidy(() => {
    const x = linspace(from, to, points);
    // Row i of the grid is the whole curve, of which the gradient of its i-th value alone is asked: for functions that
    // are not elementwise the derivative of a sum would be something else.
    const identity = eye(points);
    const gradients = grad((grid) => owned.apply(grid))(tile(reshape(x, [1, points]), [points, 1]), identity);
    return { x, value: owned.apply(x), derivative: sum(mul(gradients, identity), 1) };
  });
  const read = async (name: keyof typeof tensors) => (await tensors[name].data()) as Float32Array;
  const curve = { x: await read('x'), value: await read('value'), derivative: await read('derivative') };
  dispose(tensors);
  owned.dispose();
  return curve;
}
