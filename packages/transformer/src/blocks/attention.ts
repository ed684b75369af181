import { linear, type Parameter } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { ResolvedModelConfig } from '../config/resolve.ts';

/**
 * Lets the queries of one layer look at keys and values.
 * @param query [batch, kvHeads, heads / kvHeads * time, headWidth], scaled and rotated
 * @param key [batch, kvHeads, time, headWidth], rotated
 * @param value [batch, kvHeads, time, headWidth]
 * @returns as query
 */
export type Attend = (query: tf.Tensor4D, key: tf.Tensor4D, value: tf.Tensor4D, layer: number) => tf.Tensor4D;

/** Gives queries and keys [batch * time, heads * headWidth] their positions, and queries their scale. */
export interface Rotate {
  query(x: tf.Tensor2D): tf.Tensor2D;
  key(x: tf.Tensor2D): tf.Tensor2D;
}

export interface Attention {
  readonly parameters: readonly Parameter[];
  /** @param x [batch * time, width] @returns as x */
  apply(x: tf.Tensor2D, how: { batch: number; rotate: Rotate; attend: Attend }): tf.Tensor2D;
}

/** Multi-head, grouped-query (Ainslie et al., arXiv 2305.13245) or multi-query attention of one layer. */
export function attention(name: string, config: ResolvedModelConfig, layer: number): Attention {
  const { width, heads, kvHeads, headWidth, bias } = config;
  const { standardDeviation, residualStandardDeviation } = config.initialization;
  const square = { inputs: width, outputs: width, standardDeviation, bias };
  const narrow = { ...square, outputs: kvHeads * headWidth };
  const query = linear(`${name}.query`, square);
  const key = linear(`${name}.key`, narrow);
  const value = linear(`${name}.value`, narrow);
  const output = linear(`${name}.output`, { ...square, standardDeviation: residualStandardDeviation });

  return {
    parameters: [query, key, value, output].flatMap(({ parameters }) => parameters),
    apply(x, { batch, rotate, attend }) {
      const time = x.shape[0] / batch;
      const byHead = (t: tf.Tensor2D): tf.Tensor4D =>
        tf.transpose(tf.reshape(t, [batch, time, t.size / (batch * time * headWidth), headWidth]), [0, 2, 1, 3]);
      // Queries of all heads that share a key head stand in rows of one product, so keys and values are never repeated.
      const inRows = (t: tf.Tensor4D): tf.Tensor4D =>
        heads === kvHeads ? t : tf.reshape(t, [batch, kvHeads, (heads / kvHeads) * time, headWidth]);

      const [q, k, v] = [query.apply(x), key.apply(x), value.apply(x)];
      const attended = attend(inRows(byHead(rotate.query(q))), byHead(rotate.key(k)), byHead(v), layer);
      const joined = tf.transpose(tf.reshape(attended, [batch, heads, time, headWidth]), [0, 2, 1, 3]);
      return output.apply(tf.reshape(joined, [batch * time, width]));
    },
  };
}
