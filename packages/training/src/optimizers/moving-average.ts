import { Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The share of an exponential moving average that stays at step `step` (from 1): `decay`, but less at first, so that the
 * start values are soon forgotten (the ramp of TensorFlow's ExponentialMovingAverage, (1 + step) / (10 + step)).
 */
export function movingAverageDecay(decay: number, step: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

/** A second model with the same values, to hold the moving average of the first one's weights. */
export function copyModel(model: Gpt): Gpt {
  const copy = new Gpt(model.config, 0);
  for (const [index, { variable }] of copy.parameters.entries()) {
    tf.tidy(() => variable.assign(tf.clone(model.parameters[index]!.variable)));
  }
  return copy;
}
