import type * as tf from '@tensorflow/tfjs-core';

/** Runs a function of tensors without tracing it again, where the backend can; the identity elsewhere. */
export type Compile = <F extends (...inputs: tf.Tensor[]) => tf.TensorContainer>(fn: F) => F;

/** For backends that cannot compile. */
export const runAsIs: Compile = (fn) => fn;
