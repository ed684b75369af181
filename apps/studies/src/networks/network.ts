import type { Parameter } from '@dynact/nn';
import type * as tf from '@tensorflow/tfjs-core';

/** A network from a batch to a row of numbers for each example. */
export interface Network<Input extends tf.Tensor = tf.Tensor> {
  readonly parameters: readonly Parameter[];
  /**
   * @param x [batch, ...]
   * @param training whether statistics of the batch are used, and kept
   * @returns [batch, outputs]
   */
  apply(x: Input, training: boolean): tf.Tensor2D;
  readonly activationValues: readonly (() => Record<string, tf.Tensor>)[];
}
