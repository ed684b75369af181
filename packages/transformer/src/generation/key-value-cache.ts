import type { Compile } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Gpt } from '../model.ts';
import { attendCached, type CacheMasks } from '../operations/cached-attention.ts';
import { type NextLogits, rowsOf } from './next-logits.ts';

/** Added to scores that must not count. */
const hidden = -1e9;
/** Tokens whose keys and values are kept apart: only so many are written for each token. */
const mostRecent = 32;

interface LayerVariables {
  readonly pastKeys: tf.Variable<tf.Rank.R4>;
  readonly pastValues: tf.Variable<tf.Rank.R4>;
  readonly recentKeys: tf.Variable<tf.Rank.R4>;
  readonly recentValues: tf.Variable<tf.Rank.R4>;
}

/**
 * Keeps the keys and values of the tokens so far, so that a new token costs one column instead of the whole context.
 *
 * A backend's results are fresh memory, so a cache that is assigned is copied. Therefore a new token's keys and values
 * go into a small buffer of recent ones, and only when that is full do they move to the large one of past ones. All
 * shapes are fixed: positions, lengths and places are inputs.
 */
export class KeyValueCache implements NextLogits {
  readonly #model: Gpt;
  readonly #batch: number;
  readonly #recent: number;
  readonly #layers: readonly LayerVariables[];
  readonly #prefill: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly #decode: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly #merge: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** What the buffers hold of each sequence; the last `#recentCount` of each are recent, the others past. */
  #sequences: number[][] = [];
  #recentCount = 0;

  constructor(model: Gpt, batch: number, compile: Compile) {
    const { layers, kvHeads, headWidth, context } = model.config;
    this.#model = model;
    this.#batch = batch;
    this.#recent = Math.min(mostRecent, context);
    const zeros = (length: number) =>
      tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R4>([batch, kvHeads, length, headWidth]), false));
    this.#layers = Array.from({ length: layers }, () => ({
      pastKeys: zeros(context),
      pastValues: zeros(context),
      recentKeys: zeros(this.#recent),
      recentValues: zeros(this.#recent),
    }));
    this.#prefill = compile((...inputs) => tf.tidy(() => this.#readChunk(inputs)));
    this.#decode = compile((...inputs) => tf.tidy(() => this.#readToken(inputs)));
    this.#merge = compile((placement) => tf.tidy(() => this.#movePast(placement as tf.Tensor4D)));
  }

  async next(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const known = this.#sequences;
    const isOneMore =
      known.length === sequences.length &&
      sequences.every((tokens, row) => tokens.length === known[row]!.length + 1 && startsWith(tokens, known[row]!));
    const logits = isOneMore ? await this.#oneMore(sequences) : await this.#fromTheStart(sequences);
    this.#sequences = sequences.map((tokens) => [...tokens]);
    return logits;
  }

  dispose(): void {
    for (const { pastKeys, pastValues, recentKeys, recentValues } of this.#layers) {
      tf.dispose([pastKeys, pastValues, recentKeys, recentValues]);
    }
  }

  async #fromTheStart(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { context, vocabularySize } = this.#model.config;
    const size = this.#recent;
    for (const layer of this.#layers) {
      for (const variable of [layer.pastKeys, layer.pastValues, layer.recentKeys, layer.recentValues]) {
        tf.tidy(() => variable.assign(tf.zerosLike(variable)));
      }
    }
    this.#recentCount = 0;
    const longest = Math.max(...sequences.map(({ length }) => length));
    const result: Float32Array[] = [];
    for (let start = 0; start < longest; start += size) {
      const tokens = new Int32Array(this.#batch * size);
      const positions = new Int32Array(this.#batch * size);
      const rows = new Int32Array(this.#batch);
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
      for (const row of sequences.keys()) rows[row] = row * size + Math.min(Math.max(lastOf(row), 0), size - 1);
      const values = await this.#run(this.#prefill, [
        tf.tensor1d(tokens, 'int32'),
        tf.tensor1d(positions, 'int32'),
        this.#pastMask(sequences.map(({ length }) => Math.min(length, start))),
        tf.tensor1d(rows, 'int32'),
        tf.tensor4d(placement, [this.#batch, 1, context, size]),
      ]);
      for (const [row, logits] of rowsOf(values, sequences.length, vocabularySize).entries()) {
        if (lastOf(row) >= 0 && lastOf(row) < size) result[row] = logits;
      }
    }
    return result;
  }

  async #oneMore(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { context, vocabularySize } = this.#model.config;
    const size = this.#recent;
    if (this.#recentCount === size) {
      const placement = new Float32Array(this.#batch * context * size);
      for (const [row, { length }] of this.#sequences.entries()) {
        for (let index = 0; index < size; index++) {
          placement[(row * context + length - size + index) * size + index] = 1;
        }
      }
      await this.#run(this.#merge, [tf.tensor4d(placement, [this.#batch, 1, context, size])]);
      this.#recentCount = 0;
    }
    const slot = this.#recentCount++;
    const positions = Int32Array.from({ length: this.#batch }, (_, row) => (sequences[row]?.length ?? 1) - 1);
    const values = await this.#run(this.#decode, [
      tf.tensor1d(
        Int32Array.from({ length: this.#batch }, (_, row) => sequences[row]?.at(-1) ?? 0),
        'int32',
      ),
      tf.tensor1d(positions, 'int32'),
      this.#pastMask(sequences.map(({ length }) => length - 1 - slot)),
      tf.tensor2d(
        Float32Array.from({ length: size }, (_, index) => (index <= slot ? 0 : hidden)),
        [1, size],
      ),
      tf.tensor2d(
        Float32Array.from({ length: size }, (_, index) => (index === slot ? 1 : 0)),
        [size, 1],
      ),
    ]);
    return rowsOf(values, sequences.length, vocabularySize);
  }

  async #run(fn: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): Promise<Float32Array> {
    const result = fn(...inputs);
    const values = (await result.data()) as Float32Array;
    tf.dispose([result, ...inputs]);
    return values;
  }

  /** [batch, 1, 1, context]: the first so many of each row may be looked at. */
  #pastMask(lengths: readonly number[]): tf.Tensor4D {
    const { context } = this.#model.config;
    const mask = new Float32Array(this.#batch * context).fill(hidden);
    for (const [row, length] of lengths.entries()) mask.fill(0, row * context, row * context + length);
    return tf.tensor4d(mask, [this.#batch, 1, 1, context]);
  }

  /** Hidden states of new tokens, and what `place` made of each layer's recent keys and values and their new ones. */
  #hidden(
    tokens: tf.Tensor,
    positions: tf.Tensor,
    masks: CacheMasks,
    place: (fresh: tf.Tensor4D, recent: tf.Tensor4D) => tf.Tensor4D,
  ): { states: tf.Tensor2D; recent: { keys: tf.Tensor4D; values: tf.Tensor4D }[] } {
    const recent: { keys: tf.Tensor4D; values: tf.Tensor4D }[] = [];
    const newTokens = { batch: this.#batch, positions: positions as tf.Tensor1D };
    const states = this.#model.keptHidden(tokens as tf.Tensor1D, newTokens, (layer, query, key, value) => {
      const { pastKeys, pastValues, recentKeys, recentValues } = this.#layers[layer]!;
      const keys = place(key, recentKeys);
      const values = place(value, recentValues);
      recent.push({ keys, values });
      return attendCached(query, { past: pastKeys, recent: keys }, { past: pastValues, recent: values }, masks);
    });
    return { states, recent };
  }

  /** A chunk of `#recent` tokens of each sequence, straight into the past. @returns [batch, vocabularySize] */
  #readChunk([tokens, positions, pastMask, rows, placement]: tf.Tensor[]): tf.Tensor {
    const { heads, kvHeads } = this.#model.config;
    const size = this.#recent;
    const group = heads / kvHeads;
    const causal = tf.tidy(() => {
      const values = new Float32Array(group * size * size);
      for (let row = 0; row < group * size; row++) values.fill(hidden, row * size + (row % size) + 1, (row + 1) * size);
      return tf.tensor2d(values, [group * size, size]);
    });
    const masks = { past: pastMask as tf.Tensor4D, recent: causal };
    const { states, recent } = this.#hidden(tokens!, positions!, masks, (fresh) => fresh);
    for (const [index, { pastKeys, pastValues }] of this.#layers.entries()) {
      addPlaced(pastKeys, recent[index]!.keys, placement as tf.Tensor4D);
      addPlaced(pastValues, recent[index]!.values, placement as tf.Tensor4D);
    }
    return this.#model.outputLogits(tf.gather(states, rows as tf.Tensor1D));
  }

  /** One token of each sequence into the recent ones. @returns [batch, vocabularySize] */
  #readToken([tokens, positions, pastMask, recentMask, slot]: tf.Tensor[]): tf.Tensor {
    const keep = tf.sub(1, slot!);
    const masks = { past: pastMask as tf.Tensor4D, recent: recentMask as tf.Tensor2D };
    const { states, recent } = this.#hidden(tokens!, positions!, masks, (fresh, kept) =>
      tf.add(tf.mul(kept, keep), tf.mul(fresh, slot!)),
    );
    for (const [index, { recentKeys, recentValues }] of this.#layers.entries()) {
      recentKeys.assign(recent[index]!.keys);
      recentValues.assign(recent[index]!.values);
    }
    return this.#model.outputLogits(states);
  }

  /** Everything recent into the past. */
  #movePast(placement: tf.Tensor4D): tf.Tensor {
    for (const { pastKeys, pastValues, recentKeys, recentValues } of this.#layers) {
      addPlaced(pastKeys, recentKeys, placement);
      addPlaced(pastValues, recentValues, placement);
    }
    return tf.sum(placement);
  }
}

/** Adds rows of `recent` to the (still empty) rows of `past` that the 0-1 matrix [batch, 1, context, recent] gives them. */
function addPlaced(past: tf.Variable<tf.Rank.R4>, recent: tf.Tensor4D, placement: tf.Tensor4D): void {
  past.assign(tf.add(past, tf.matMul(placement, recent)));
}

function startsWith(tokens: readonly number[], start: readonly number[]): boolean {
  return start.every((token, index) => token === tokens[index]);
}
