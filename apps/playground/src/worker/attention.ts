import type { Tokenizer } from '@dynact/data/tokens';
import { causalMask, type Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';

/** Where each head of a layer looks. */
export interface AttentionMaps {
  /** The text's tokens; one that is no whole character is shown as U+FFFD. */
  readonly tokens: readonly string[];
  /** Weights of each head, row by row: the share that the token of the row takes from the token of the column. */
  readonly heads: readonly Float32Array[];
}

/** Tokens of a map at most: more are too small to be seen. */
const mostTokens = 32;

/** Reads the weights of softmax(query key^T) out of a forward pass. */
export async function attentionMaps(
  model: Gpt,
  tokenizer: Tokenizer,
  layer: number,
  text: string,
): Promise<AttentionMaps> {
  const { heads, kvHeads, context } = model.config;
  const ids = tokenizer.encode(text).slice(0, Math.min(mostTokens, context));
  const time = ids.length;
  const rows = (heads / kvHeads) * time;
  const weights = tf.tidy(() => {
    const mask = causalMask(rows, time);
    let wanted: tf.Tensor | undefined;
    const tokens = tf.tensor1d(ids, 'int32');
    const positions = tf.range(0, time, 1, 'int32');
    model.continuedStates({ batch: 1, tokens, positions }, (query, key, value, of) => {
      const shares: tf.Tensor4D = tf.softmax(tf.add(tf.matMul(query, key, false, true), mask));
      if (of === layer) wanted = shares;
      return tf.matMul(shares, value);
    });
    if (wanted === undefined) throw new Error(`there is no layer ${layer}`);
    return wanted;
  });
  const values = (await weights.data()) as Float32Array;
  weights.dispose();
  return {
    tokens: ids.map((id) => tokenizer.decode([id])),
    heads: Array.from({ length: heads }, (_, head) => values.slice(head * time * time, (head + 1) * time * time)),
  };
}
