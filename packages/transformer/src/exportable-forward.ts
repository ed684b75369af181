import * as tf from '@tensorflow/tfjs-core';
import type { Gpt } from './model.ts';
import { attend, outOfSight } from './operations/attention.ts';

/** Keys and values of one layer, each [batch, kvHeads, time, headWidth]. */
export interface KeysAndValues {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
}

/**
 * The model as a function of tokens and of a cache, for export: every size but the model's own follows from the shapes of
 * the inputs, and no table of its own size is made.
 * @param newTokens [batch, time] int32
 * @param past of each layer, `past` tokens long; past + time must not exceed the context
 * @returns logits [batch, time, vocabularySize], and the cache of each layer, past + time long
 */
export function exportableForward(
  model: Gpt,
  newTokens: tf.Tensor2D,
  past?: readonly KeysAndValues[],
): { logits: tf.Tensor3D; cache: KeysAndValues[] } {
  const { context, heads, kvHeads, vocabularySize } = model.config;
  const [batch, time] = newTokens.shape;
  const pastTime = past?.[0]?.keys.shape[2] ?? 0;
  const every = tf.range(0, context, 1, 'int32');
  const rows = tf.slice(every, [pastTime], [time]) as tf.Tensor1D;
  const columns = tf.slice(every, [0], [pastTime + time]);
  const isLater = tf.greater(tf.reshape(columns, [1, pastTime + time]), tf.reshape(rows, [time, 1]));
  const mask = tf.tile(tf.mul(tf.cast(isLater, 'float32'), outOfSight) as tf.Tensor2D, [heads / kvHeads, 1]);

  const cache: KeysAndValues[] = [];
  const tokens = tf.reshape(newTokens, [batch * time]) as tf.Tensor1D;
  const states = model.continuedStates(
    { batch, tokens, positions: tf.tile(rows, [batch]) },
    (query, key, value, layer) => {
      const before = past?.[layer];
      const keys = before === undefined ? key : tf.concat([before.keys, key], 2);
      const values = before === undefined ? value : tf.concat([before.values, value], 2);
      cache.push({ keys, values });
      return attend(query, keys, values, mask);
    },
  );
  return { logits: tf.reshape(model.outputLogits(states), [batch, time, vocabularySize]), cache };
}
