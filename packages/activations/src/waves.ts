import type { Tensor } from '@tensorflow/tfjs-core';
import { add, cos, floor, getBackend, mul, sin, square, sub } from './operations.ts';

/*
 * Sine and cosine that keep float32's accuracy on graphics cards. GLSL and WGSL promise an error below 2^-11 only, and
 * that only between -pi and pi; there both are computed from a polynomial.
 */

/** pi in two parts: a multiple of the first by an integer below 2^15 is exact in float32. */
const PI_HIGH = 3.140625;
const PI_LOW = Math.PI - PI_HIGH;

export function sine(x: Tensor): Tensor {
  return promisesAccuracy() ? sin(x) : shifted(x, 0);
}

export function cosine(x: Tensor): Tensor {
  return promisesAccuracy() ? cos(x) : shifted(x, 0.5);
}

function promisesAccuracy(): boolean {
  return !/^webg/.test(getBackend());
}

/** sin(x + shift pi), shift 0 or 0.5: an odd polynomial of the distance to the nearest zero, with the sign of its side. */
function shifted(x: Tensor, shift: number): Tensor {
  const half = floor(add(mul(x, 1 / Math.PI), 0.5 + shift));
  const zero = sub(half, shift);
  const r = sub(sub(x, mul(zero, PI_HIGH)), mul(zero, PI_LOW));
  const squared = square(r);
  let series = add(mul(squared, 1 / 362880), -1 / 5040);
  for (const factor of [1 / 120, -1 / 6, 1]) series = add(mul(series, squared), factor);
  const odd = sub(half, mul(floor(mul(half, 0.5)), 2));
  return mul(mul(series, r), sub(1, mul(odd, 2)));
}
