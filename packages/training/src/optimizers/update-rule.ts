import type * as tf from '@tensorflow/tfjs-core';

/** Numbers that a rule needs in a step. They are computed outside the graph and fed, so a new value recompiles nothing. */
export type StepScalars = Readonly<Record<string, number>>;

/**
 * How a gradient becomes a direction. The train step then does, for every parameter,
 * `parameter <- parameter (1 - learningRate weightDecay) - learningRate scale direction`.
 */
export interface UpdateRule {
  /** State kept for each parameter, of its shape, zero at the start. */
  readonly slots: readonly string[];
  /** Of step `step` (from 1). `scale` is read by the train step; the rest is handed to `direction`. */
  scalars(step: number): StepScalars & { readonly scale: number };
  direction(
    gradient: tf.Tensor,
    slots: readonly tf.Tensor[],
    scalars: Readonly<Record<string, tf.Scalar>>,
  ): { direction: tf.Tensor; slots: readonly tf.Tensor[] };
}
