import * as tf from '@tensorflow/tfjs-core';
import { InputError } from './input-error.ts';
import type { Gpt } from './model.ts';
import { uniformStream } from './random.ts';
import { checkSamplingOptions, type SamplingOptions, sampleToken } from './sampling.ts';

/** Runs a function of tensors without tracing it again, where the backend can; the identity elsewhere. */
export type Compile = <F extends (...inputs: tf.Tensor[]) => tf.TensorContainer>(fn: F) => F;

export interface GenerationOptions extends SamplingOptions {
  readonly maximumTokens: number;
  readonly seed: number;
  /** Ends the text; it is not yielded. */
  readonly endOfText?: number;
  readonly compile?: Compile;
}

/**
 * Continues a prompt token by token. Past `context` tokens the model sees the last `context` of them.
 * @param prompt token ids, at least one
 * @throws InputError for an empty prompt, an id outside the vocabulary, or an option out of range
 */
export async function* generate(
  model: Gpt,
  prompt: readonly number[],
  options: GenerationOptions,
): AsyncGenerator<number> {
  const { context, vocabularySize } = model.config;
  checkSamplingOptions(options);
  if (!(Number.isInteger(options.maximumTokens) && options.maximumTokens >= 1)) {
    throw new InputError(`max-tokens: ${options.maximumTokens} is not a whole number of 1 or more`);
  }
  if (prompt.length === 0) throw new InputError('prompt: it is empty; give at least one token');
  const wrong = prompt.find((token) => token < 0 || token >= vocabularySize);
  if (wrong !== undefined)
    throw new InputError(`prompt: token ${wrong} is outside the vocabulary of ${vocabularySize}`);

  const uniform = uniformStream(options.seed, 'sampling');
  const compile = options.compile ?? ((fn) => fn);
  const logitsAt = compile((inputs: tf.Tensor, position: tf.Tensor) => {
    const logits = model.logits(inputs as tf.Tensor2D);
    return tf.gather(tf.reshape(logits, [context, vocabularySize]), position);
  });
  const tokens = [...prompt];
  const window = new Int32Array(context);
  for (let count = 0; count < options.maximumTokens; count++) {
    const visible = tokens.slice(-context);
    // One shape for every length: tokens after `position` cannot be seen by it, so what pads them does not matter.
    window.fill(0).set(visible);
    const inputs = tf.tensor2d(window, [1, context], 'int32');
    const position = tf.tensor1d([visible.length - 1], 'int32');
    const row = tf.tidy(() => logitsAt(inputs, position)) as tf.Tensor;
    const logits = (await row.data()) as Float32Array;
    tf.dispose([inputs, position, row]);
    const token = sampleToken(logits, options, uniform);
    if (token === options.endOfText) return;
    tokens.push(token);
    yield token;
  }
}
