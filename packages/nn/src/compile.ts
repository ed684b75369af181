import type * as tf from '@tensorflow/tfjs-core';

/**
 * Runs a function of tensors without tracing it again, where the backend can; the identity elsewhere. Arguments are
 * containers: tensors, or plain objects and arrays of them, nested as one likes.
 */
export type Compile = <F extends (...inputs: never[]) => tf.TensorContainer>(fn: F) => F;

/** A compiled function whose last call can be taken back. */
export interface Undoable {
  /** Whether the next call can be undone. */
  readonly canUndo: boolean;
  /** Gives variables the elements that they had before the last call. */
  undo(variables: readonly tf.Variable[]): void;
}

/** For backends that cannot compile. */
export const runAsIs: Compile = (fn) => fn;
