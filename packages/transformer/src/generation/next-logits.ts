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
  readonly #logitsAt: (window: { tokens: tf.Tensor2D; rows: tf.Tensor1D }) => tf.Tensor;

  constructor(model: Gpt, batch: number, compile: Compile) {
    this.#model = model;
    this.#batch = batch;
    this.#logitsAt = compile(({ tokens, rows }: { tokens: tf.Tensor2D; rows: tf.Tensor1D }) =>
      tf.tidy(() => model.outputLogits(tf.gather(model.hiddenStates(tokens), rows))),
    );
  }

  async next(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { context, vocabularySize } = this.#model.config;
    // One shape for every length: a token cannot see those after it, so what pads them does not matter.
    const window = new Int32Array(this.#batch * context);
    for (const [row, tokens] of sequences.entries()) window.set(tokens, row * context);
    const lastRows = Int32Array.from(
      { length: this.#batch },
      (_, row) => row * context + (sequences[row]?.length ?? 1) - 1,
    );
    const values = await valuesOf(this.#logitsAt, {
      tokens: tf.tensor2d(window, [this.#batch, context], 'int32'),
      rows: tf.tensor1d(lastRows, 'int32'),
    });
    return rowsOf(values, sequences.length, vocabularySize);
  }

  dispose(): void {}
}

/** The first `count` rows of a matrix. */
export function rowsOf(values: Float32Array, count: number, width: number): Float32Array[] {
  return Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width));
}

/** The values that a compiled function gives; its inputs' memory is given back. */
export async function valuesOf<Inputs extends tf.TensorContainer>(
  fn: (inputs: Inputs) => tf.Tensor,
  inputs: Inputs,
): Promise<Float32Array> {
  const result = fn(inputs);
  const values = (await result.data()) as Float32Array;
  tf.dispose([result, inputs]);
  return values;
}
