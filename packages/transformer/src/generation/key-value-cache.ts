import type { Compile } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Gpt, NewTokens } from '../model.ts';
import { attendCached, type CacheMasks, causalMask, outOfSight } from '../operations/attention.ts';
import { type NextLogits, rowsOf, valuesOf } from './next-logits.ts';

/** Tokens in the part of new ones: each token writes only so many keys and values. */
export const mostNew = 32;

interface LayerCache {
  readonly pastKeys: tf.Variable<tf.Rank.R4>;
  readonly pastValues: tf.Variable<tf.Rank.R4>;
  readonly newKeys: tf.Variable<tf.Rank.R4>;
  readonly newValues: tf.Variable<tf.Rank.R4>;
}

/** Inputs of the compiled function that reads a chunk of each sequence. */
interface Chunk extends tf.TensorContainerObject {
  tokens: tf.Tensor1D;
  positions: tf.Tensor1D;
  pastMask: tf.Tensor4D;
  /** [batch]: the row of the last token of each sequence */
  lastRows: tf.Tensor1D;
  placement: tf.Tensor4D;
}

/** Inputs of the compiled function that reads one token of each sequence. */
interface Step extends tf.TensorContainerObject {
  tokens: tf.Tensor1D;
  positions: tf.Tensor1D;
  pastMask: tf.Tensor4D;
  newMask: tf.Tensor2D;
  /** [new, 1]: 1 where the token goes */
  slot: tf.Tensor2D;
}

/**
 * Holds the keys and values of the tokens so far, so that a new token costs one column instead of the whole context.
 *
 * A backend's results are memory of their own, so a cache that is assigned is copied. Therefore keys and values of a new
 * token go into a small part of new ones, and only when that is full do they move to the large part of the past. All
 * shapes are fixed: positions, lengths and places are inputs.
 */
export class KeyValueCache implements NextLogits {
  readonly #model: Gpt;
  readonly #batch: number;
  readonly #chunk: number;
  readonly #layers: readonly LayerCache[];
  readonly #readChunk: (chunk: Chunk) => tf.Tensor;
  readonly #readStep: (step: Step) => tf.Tensor;
  readonly #movePast: (placement: tf.Tensor4D) => tf.Tensor;
  /** Tokens of each sequence in the cache; the last `#newCount` of each are in the part of new ones. */
  #sequences: number[][] = [];
  #newCount = 0;

  constructor(model: Gpt, batch: number, compile: Compile) {
    const { layers, kvHeads, headWidth, context } = model.config;
    this.#model = model;
    this.#batch = batch;
    this.#chunk = Math.min(mostNew, context);
    const zeros = (time: number) =>
      tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R4>([batch, kvHeads, time, headWidth]), false));
    this.#layers = Array.from({ length: layers }, () => ({
      pastKeys: zeros(context),
      pastValues: zeros(context),
      newKeys: zeros(this.#chunk),
      newValues: zeros(this.#chunk),
    }));
    this.#readChunk = compile((chunk: Chunk) => tf.tidy(() => this.#logitsOfChunk(chunk)));
    this.#readStep = compile((step: Step) => tf.tidy(() => this.#logitsOfStep(step)));
    this.#movePast = compile((placement: tf.Tensor4D) => tf.tidy(() => this.#moveNewToPast(placement)));
  }

  async next(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const before = this.#sequences;
    const isOneMore =
      before.length === sequences.length &&
      sequences.every((tokens, row) => tokens.length === before[row]!.length + 1 && startsWith(tokens, before[row]!));
    const logits = isOneMore ? await this.#oneMore(sequences) : await this.#fromTheStart(sequences);
    this.#sequences = sequences.map((tokens) => [...tokens]);
    return logits;
  }

  dispose(): void {
    for (const layer of this.#layers) tf.dispose({ ...layer });
  }

  async #fromTheStart(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { context, vocabularySize } = this.#model.config;
    const size = this.#chunk;
    for (const layer of this.#layers) {
      for (const variable of Object.values<tf.Variable>({ ...layer })) {
        tf.tidy(() => variable.assign(tf.zerosLike(variable)));
      }
    }
    this.#newCount = 0;
    const longest = Math.max(...sequences.map(({ length }) => length));
    const result: Float32Array[] = [];
    for (let start = 0; start < longest; start += size) {
      const tokens = new Int32Array(this.#batch * size);
      const positions = new Int32Array(this.#batch * size);
      const lastRows = new Int32Array(this.#batch);
      const placement = new Float32Array(this.#batch * context * size);
      for (const [row, sequence] of sequences.entries()) {
        for (let index = 0; index < size; index++) {
          const position = start + index;
          positions[row * size + index] = Math.min(position, context - 1);
          if (position >= sequence.length) continue;
          tokens[row * size + index] = sequence[position]!;
          placement[(row * context + position) * size + index] = 1;
        }
      }
      const lastOf = (row: number) => sequences[row]!.length - 1 - start;
      for (const row of sequences.keys()) lastRows[row] = row * size + Math.min(Math.max(lastOf(row), 0), size - 1);
      const values = await valuesOf(this.#readChunk, {
        tokens: tf.tensor1d(tokens, 'int32'),
        positions: tf.tensor1d(positions, 'int32'),
        pastMask: this.#pastMask(sequences.map(({ length }) => Math.min(length, start))),
        lastRows: tf.tensor1d(lastRows, 'int32'),
        placement: tf.tensor4d(placement, [this.#batch, 1, context, size]),
      });
      for (const [row, logits] of rowsOf(values, sequences.length, vocabularySize).entries()) {
        if (lastOf(row) >= 0 && lastOf(row) < size) result[row] = logits;
      }
    }
    return result;
  }

  async #oneMore(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { context, vocabularySize } = this.#model.config;
    const size = this.#chunk;
    if (this.#newCount === size) {
      const placement = new Float32Array(this.#batch * context * size);
      for (const [row, { length }] of this.#sequences.entries()) {
        for (let index = 0; index < size; index++) {
          placement[(row * context + length - size + index) * size + index] = 1;
        }
      }
      await valuesOf(this.#movePast, tf.tensor4d(placement, [this.#batch, 1, context, size]));
      this.#newCount = 0;
    }
    const slot = this.#newCount++;
    const ofRow = (value: (sequence: readonly number[]) => number) =>
      tf.tensor1d(
        Int32Array.from({ length: this.#batch }, (_, row) => value(sequences[row] ?? [0])),
        'int32',
      );
    const ofSlot = (value: (index: number) => number) =>
      Float32Array.from({ length: size }, (_, index) => value(index));
    const values = await valuesOf(this.#readStep, {
      tokens: ofRow((sequence) => sequence.at(-1)!),
      positions: ofRow(({ length }) => length - 1),
      pastMask: this.#pastMask(sequences.map(({ length }) => length - 1 - slot)),
      newMask: tf.tensor2d(
        ofSlot((index) => (index <= slot ? 0 : outOfSight)),
        [1, size],
      ),
      slot: tf.tensor2d(
        ofSlot((index) => (index === slot ? 1 : 0)),
        [size, 1],
      ),
    });
    return rowsOf(values, sequences.length, vocabularySize);
  }

  /** [batch, 1, 1, context]: the first so many of each row may be looked at. */
  #pastMask(lengths: readonly number[]): tf.Tensor4D {
    const { context } = this.#model.config;
    const mask = new Float32Array(this.#batch * context).fill(outOfSight);
    for (const [row, length] of lengths.entries()) mask.fill(0, row * context, row * context + length);
    return tf.tensor4d(mask, [this.#batch, 1, 1, context]);
  }

  /** A chunk of each sequence, straight into the past. @returns [batch, vocabularySize] */
  #logitsOfChunk({ tokens, positions, pastMask, lastRows, placement }: Chunk): tf.Tensor {
    const { heads, kvHeads } = this.#model.config;
    const masks = { past: pastMask, new: causalMask((heads / kvHeads) * this.#chunk, this.#chunk) };
    const { states, news } = this.#states({ batch: this.#batch, tokens, positions }, masks, (read) => read);
    for (const [index, { pastKeys, pastValues }] of this.#layers.entries()) {
      addPlaced(pastKeys, news[index]!.keys, placement);
      addPlaced(pastValues, news[index]!.values, placement);
    }
    return this.#model.outputLogits(tf.gather(states, lastRows));
  }

  /** One token of each sequence, into the part of new ones. @returns [batch, vocabularySize] */
  #logitsOfStep({ tokens, positions, pastMask, newMask, slot }: Step): tf.Tensor {
    const others = tf.sub(1, slot);
    const masks = { past: pastMask, new: newMask };
    const { states, news } = this.#states({ batch: this.#batch, tokens, positions }, masks, (read, before) =>
      tf.add(tf.mul(before, others), tf.mul(read, slot)),
    );
    for (const [index, { newKeys, newValues }] of this.#layers.entries()) {
      newKeys.assign(news[index]!.keys);
      newValues.assign(news[index]!.values);
    }
    return this.#model.outputLogits(states);
  }

  /** Hidden states of the tokens that are read, and each layer's new keys and values: `join` of theirs and those before. */
  #states(newTokens: NewTokens, masks: CacheMasks, join: (read: tf.Tensor4D, before: tf.Tensor4D) => tf.Tensor4D) {
    const news: { keys: tf.Tensor4D; values: tf.Tensor4D }[] = [];
    const states = this.#model.continuedStates(newTokens, (query, key, value, layer) => {
      const { pastKeys, pastValues, newKeys, newValues } = this.#layers[layer]!;
      const keys = join(key, newKeys);
      const values = join(value, newValues);
      news.push({ keys, values });
      return attendCached(query, { past: pastKeys, new: keys }, { past: pastValues, new: values }, masks);
    });
    return { states, news };
  }

  #moveNewToPast(placement: tf.Tensor4D): tf.Tensor {
    for (const { pastKeys, pastValues, newKeys, newValues } of this.#layers) {
      addPlaced(pastKeys, newKeys, placement);
      addPlaced(pastValues, newValues, placement);
    }
    return tf.sum(placement);
  }
}

/** Adds new rows to the (still empty) rows of `past` that the 0-1 matrix [batch, 1, context, new] gives them. */
function addPlaced(past: tf.Variable<tf.Rank.R4>, rows: tf.Tensor4D, placement: tf.Tensor4D): void {
  past.assign(tf.add(past, tf.matMul(placement, rows)));
}

function startsWith(tokens: readonly number[], start: readonly number[]): boolean {
  return start.every((token, index) => token === tokens[index]);
}
