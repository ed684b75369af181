import type { Compile } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Gpt } from '../model.ts';

/** Finds the logits of the token after each of a batch of sequences. */
export interface NextLogits {
  /**
   * @param sequences the tokens that the model sees, 1 to `context` of each
   * @returns [vocabularySize] of each
   */
  next(sequences: readonly (readonly number[])[]): Promise<Float32Array[]>;
  dispose(): void;
}

/** Runs the whole model over the whole context for every token. */
export class FullRecomputation implements NextLogits {
  readonly #model: Gpt;
  readonly #batch: number;
  readonly #logitsAt: (...inputs: tf.Tensor[]) => tf.Tensor;

  constructor(model: Gpt, batch: number, compile: Compile) {
    this.#model = model;
    this.#batch = batch;
    this.#logitsAt = compile((inputs: tf.Tensor, rows: tf.Tensor) =>
      tf.tidy(() => model.outputLogits(tf.gather(model.hidden(inputs as tf.Tensor2D), rows as tf.Tensor1D))),
    );
  }

  async next(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { context, vocabularySize } = this.#model.config;
    // One shape for every length: a token cannot see those after it, so what pads them does not matter.
    const window = new Int32Array(this.#batch * context);
    for (const [row, tokens] of sequences.entries()) window.set(tokens, row * context);
    const last = Int32Array.from(
      { length: this.#batch },
      (_, row) => row * context + (sequences[row]?.length ?? 1) - 1,
    );
    const inputs = [tf.tensor2d(window, [this.#batch, context], 'int32'), tf.tensor1d(last, 'int32')];
    const logits = this.#logitsAt(...inputs);
    const values = (await logits.data()) as Float32Array;
    tf.dispose([logits, ...inputs]);
    return rowsOf(values, sequences.length, vocabularySize);
  }

  dispose(): void {}
}

/** The first `count` rows of a matrix. */
export function rowsOf(values: Float32Array, count: number, width: number): Float32Array[] {
  return Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width));
}
