import * as tf from '@tensorflow/tfjs-core';
import type { Gpt } from './model.ts';
import { attend } from './operations/attention.ts';

/** Keys and values of one layer, each [batch, kvHeads, time, headWidth]. */
export interface KeysAndValues {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
}

/**
 * The model as a function of tokens and of what was kept of those before, for export: every size but the model's own
 * follows from the shapes of the inputs, and no table of its own size is made.
 * @param tokens [batch, time] int32
 * @param past of each layer, `past` tokens long; past + time must not exceed the context
 * @returns logits [batch, time, vocabularySize], and of each layer the keys and values, past + time long
 */
export function forward(
  model: Gpt,
  tokens: tf.Tensor2D,
  past?: readonly KeysAndValues[],
): { logits: tf.Tensor3D; present: KeysAndValues[] } {
  const { context, heads, kvHeads, vocabularySize } = model.config;
  const [batch, time] = tokens.shape;
  const before = past?.[0]?.keys.shape[2] ?? 0;
  const every = tf.range(0, context, 1, 'int32');
  const rows = tf.slice(every, [before], [time]) as tf.Tensor1D;
  const columns = tf.slice(every, [0], [before + time]);
  const isLater = tf.greater(tf.reshape(columns, [1, before + time]), tf.reshape(rows, [time, 1]));
  const mask = tf.tile(tf.mul(tf.cast(isLater, 'float32'), -1e9) as tf.Tensor2D, [heads / kvHeads, 1]);

  const present: KeysAndValues[] = [];
  const newTokens = { batch, positions: tf.tile(rows, [batch]) };
  const flat = tf.reshape(tokens, [batch * time]) as tf.Tensor1D;
  const hidden = model.keptHidden(flat, newTokens, (layer, query, key, value) => {
    const kept = past?.[layer];
    const keys = kept === undefined ? key : tf.concat([kept.keys, key], 2);
    const values = kept === undefined ? value : tf.concat([kept.values, value], 2);
    present.push({ keys, values });
    return attend(query, keys, values, mask);
  });
  return { logits: tf.reshape(model.outputLogits(hidden), [batch, time, vocabularySize]), present };
}
