/**
 * The share of an exponential moving average that stays at step `step` (from 1): `decay`, but less at first, so that the
 * initial values are soon forgotten (the ramp of TensorFlow's ExponentialMovingAverage, (1 + step) / (10 + step)).
 */
export function movingAverageDecay(decay: number, step: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}
