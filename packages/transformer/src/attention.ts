import { linear, linearParameters, type ParameterSpecification, type ParameterTensors } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import { type ResolvedModelConfig, residualStandardDeviation } from './config.ts';
import { attend, causalMask } from './operations/attention.ts';
import { type RotaryTables, rotaryTables, rotate, rotateAt } from './operations/rotary.ts';

/** Query, key, value and output projections of one layer. */
export function attentionParameters(name: string, config: ResolvedModelConfig): ParameterSpecification[] {
  const { width, kvHeads, headWidth, bias } = config;
  const { standardDeviation } = config.initialization;
  const shared = { inputs: width, outputs: kvHeads * headWidth, standardDeviation, bias };
  return [
    ...linearParameters(`${name}.query`, { ...shared, outputs: width }),
    ...linearParameters(`${name}.key`, shared),
    ...linearParameters(`${name}.value`, shared),
    ...linearParameters(`${name}.output`, {
      inputs: width,
      outputs: width,
      standardDeviation: residualStandardDeviation(config),
      bias,
    }),
  ];
}

/** What attention needs beside its parameters: the causal mask and the rotations, for one number of tokens. */
export interface AttentionTables {
  readonly time: number;
  readonly mask: tf.Tensor2D;
  readonly queryRotation?: RotaryTables;
  readonly keyRotation?: RotaryTables;
}

/** Tables for sequences of `time` tokens. */
export function attentionTables(config: ResolvedModelConfig, time: number): AttentionTables {
  const { heads, kvHeads, headWidth, ropeBase } = config;
  const mask = causalMask((heads / kvHeads) * time, time);
  if (config.position !== 'rope') return { time, mask };
  const shared = { context: time, headWidth, base: ropeBase };
  return {
    time,
    mask,
    queryRotation: rotaryTables({ ...shared, heads, scale: queryScale(config) }),
    keyRotation: rotaryTables({ ...shared, heads: kvHeads, scale: 1 }),
  };
}

/** Every tensor of the tables. */
export function attentionTableTensors(tables: AttentionTables): tf.Tensor[] {
  const rotations = [tables.queryRotation, tables.keyRotation].filter((rotation) => rotation !== undefined);
  return [tables.mask, ...rotations.flatMap(({ cosine, sine, quarterTurn }) => [cosine, sine, quarterTurn])];
}

/**
 * Causal multi-head, grouped-query (Ainslie et al., arXiv 2305.13245) or multi-query attention.
 * @param x [batch * time, width]
 * @returns [batch * time, width]
 */
export function applyAttention(
  x: tf.Tensor2D,
  name: string,
  tensors: ParameterTensors,
  tables: AttentionTables,
  config: ResolvedModelConfig,
): tf.Tensor2D {
  const { width, heads, kvHeads, headWidth } = config;
  const { time, mask } = tables;
  const batch = x.shape[0] / time;
  const group = heads / kvHeads;

  const query = linear(x, `${name}.query`, tensors);
  const key = linear(x, `${name}.key`, tensors);
  const value = linear(x, `${name}.value`, tensors);
  const scaledQuery =
    tables.queryRotation === undefined ? tf.mul(query, queryScale(config)) : rotate(query, tables.queryRotation);
  const placedKey = tables.keyRotation === undefined ? key : rotate(key, tables.keyRotation);

  // Queries of all heads that share a key head stand in rows of one product, so keys and values are never repeated.
  const byHead = (t: tf.Tensor): tf.Tensor4D =>
    tf.transpose(tf.reshape(t, [batch, time, t.size / (batch * time * headWidth), headWidth]), [0, 2, 1, 3]);
  const rows = (t: tf.Tensor4D): tf.Tensor4D =>
    group === 1 ? t : (tf.reshape(t, [batch, kvHeads, group * time, headWidth]) as tf.Tensor4D);
  const attended = attend(rows(byHead(scaledQuery)), byHead(placedKey), byHead(value), mask);
  const joined = tf.transpose(tf.reshape(attended, [batch, heads, time, headWidth]), [0, 2, 1, 3]);
  return linear(tf.reshape(joined, [batch * time, width]) as tf.Tensor2D, `${name}.output`, tensors);
}

/** New tokens of a batch of sequences, the tokens of a sequence side by side. */
export interface NewTokens {
  readonly batch: number;
  /** [batch * time] int32: where each stands in its sequence */
  readonly positions: tf.Tensor1D;
}

/**
 * Lets queries of new tokens look at kept keys and values and at those of the new tokens.
 * @param query [batch, kvHeads, heads / kvHeads * time, headWidth], scaled and rotated
 * @param key [batch, kvHeads, time, headWidth], rotated
 * @param value [batch, kvHeads, time, headWidth]
 * @returns as query
 */
export type AttendToKept = (query: tf.Tensor4D, key: tf.Tensor4D, value: tf.Tensor4D) => tf.Tensor4D;

/**
 * The attention of new tokens to themselves and to those before, whose keys and values `attend` knows. For generation:
 * no dropout, no gradient.
 * @param x [batch * time, width]
 * @returns [batch * time, width]
 */
export function applyKeptAttention(
  x: tf.Tensor2D,
  name: string,
  tensors: ParameterTensors,
  tables: AttentionTables,
  { batch, positions }: NewTokens,
  attend: AttendToKept,
  config: ResolvedModelConfig,
): tf.Tensor2D {
  const { width, heads, kvHeads, headWidth } = config;
  const time = x.shape[0] / batch;
  const byHead = (t: tf.Tensor): tf.Tensor4D =>
    tf.transpose(tf.reshape(t, [batch, time, t.size / (batch * time * headWidth), headWidth]), [0, 2, 1, 3]);

  const query = linear(x, `${name}.query`, tensors);
  const key = linear(x, `${name}.key`, tensors);
  const value = linear(x, `${name}.value`, tensors);
  const { queryRotation, keyRotation } = tables;
  const scaledQuery =
    queryRotation === undefined ? tf.mul(query, queryScale(config)) : rotateAt(query, queryRotation, positions);
  const placedKey = keyRotation === undefined ? key : rotateAt(key, keyRotation, positions);
  const rows = tf.reshape(byHead(scaledQuery), [batch, kvHeads, (heads / kvHeads) * time, headWidth]) as tf.Tensor4D;
  const attended = attend(rows, byHead(placedKey), byHead(value));
  const joined = tf.transpose(tf.reshape(attended, [batch, heads, time, headWidth]), [0, 2, 1, 3]);
  return linear(tf.reshape(joined, [batch * time, width]) as tf.Tensor2D, `${name}.output`, tensors);
}

function queryScale(config: ResolvedModelConfig): number {
  return 1 / Math.sqrt(config.headWidth);
}
