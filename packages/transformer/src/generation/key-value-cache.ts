import { activeDevice, type Compile } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Gpt } from '../model.ts';
import { outOfSight } from '../operations/attention.ts';
import { CachedLayers, type Chunk, mostNew, type Steps } from './cached-layers.ts';
import { type NextLogits, rowsOf, valuesOf } from './next-logits.ts';
import { spoiledLogits } from './sampling.ts';

/** Likeliest tokens that are found in one call; a divisor of the number of new ones. */
const stepsOfCall = 8;
/**
 * Likeliest tokens that are found one by one before a graph of several steps is made: to make it takes as long as a few hundred.
 * On CUDA, where a graph of one step is captured, that of several saves so little that only thousands make up for it.
 */
const fewestForCall = { cuda: 8192, others: 256 };

/** Holds the keys and values of the tokens so far, so that a new token costs one column instead of the whole context. */
export class KeyValueCache implements NextLogits {
  readonly #model: Gpt;
  readonly #batch: number;
  readonly #chunk: number;
  readonly #layers: CachedLayers;
  readonly #readFirst: (chunk: Chunk) => tf.Tensor;
  readonly #readChunk: (chunk: Chunk) => tf.Tensor;
  readonly #readStep: (steps: Steps) => tf.Tensor;
  readonly #readLikeliest: (steps: Steps) => { tokens: tf.Tensor; sums: tf.Tensor };
  readonly #movePast: (placement: tf.Tensor4D) => tf.Tensor;
  /** Tokens of each sequence in the cache; the last `#newCount` of each are in the part of new ones. */
  #sequences: number[][] = [];
  #newCount = 0;
  /** Likeliest tokens that were asked for one by one. */
  #oneByOne = 0;

  constructor(model: Gpt, batch: number, compile: Compile) {
    this.#model = model;
    this.#batch = batch;
    this.#chunk = Math.min(mostNew, model.config.context);
    const layers = new CachedLayers(model, batch);
    this.#layers = layers;
    this.#readFirst = compile((chunk: Chunk) => tf.tidy(() => layers.readChunk(chunk, true)));
    this.#readChunk = compile((chunk: Chunk) => tf.tidy(() => layers.readChunk(chunk, false)));
    this.#readStep = compile((steps: Steps) => tf.tidy(() => layers.readStep(steps)));
    this.#readLikeliest = compile((steps: Steps) => tf.tidy(() => layers.readLikeliest(steps)));
    this.#movePast = compile((placement: tf.Tensor4D) => tf.tidy(() => layers.moveNewToPast(placement)));
  }

  async next(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const logits = this.#areOneMore(sequences) ? await this.#oneMore(sequences) : await this.#fromTheStart(sequences);
    this.#sequences = sequences.map((tokens) => [...tokens]);
    return logits;
  }

  /**
   * The likeliest tokens after sequences of which all but the last token is in the cache, several in one call: the way
   * back to JavaScript costs a small model as much as a token.
   * @param wanted tokens of each
   * @returns a token of each sequence, step by step; none where single steps must do
   * @throws InputError where a logit is not finite
   */
  async likeliest(sequences: readonly (readonly number[])[], wanted: number): Promise<number[][]> {
    const { context } = this.#model.config;
    const fits = sequences.every(({ length }) => length + stepsOfCall <= context);
    const fewest = activeDevice().startsWith('cuda') ? fewestForCall.cuda : fewestForCall.others;
    const pays = this.#oneByOne >= fewest && wanted >= stepsOfCall;
    if (!fits || !pays || this.#chunk % stepsOfCall !== 0 || !this.#areOneMore(sequences)) {
      this.#oneByOne++;
      return [];
    }
    if (this.#newCount + stepsOfCall > this.#chunk) await this.#moveToPast();
    const steps = this.#steps(sequences, stepsOfCall);
    const { tokens, sums } = this.#readLikeliest(steps);
    const [found, checks] = await Promise.all([tokens.data(), sums.data()]);
    tf.dispose([tokens, sums, steps]);
    if (!checks.every((_, index) => index % this.#batch >= sequences.length || Number.isFinite(checks[index]))) {
      // The cache holds the tokens of this call already, so the next one must read its sequences from the start.
      this.#sequences = [];
      throw spoiledLogits();
    }
    const rows = Array.from({ length: stepsOfCall }, (_, step) =>
      Array.from(found.subarray(step * this.#batch, step * this.#batch + sequences.length)),
    );
    const read = rows.slice(0, -1);
    this.#sequences = sequences.map((tokens, row) => [...tokens, ...read.map((step) => step[row]!)]);
    return rows;
  }

  dispose(): void {
    this.#layers.dispose();
  }

  #areOneMore(sequences: readonly (readonly number[])[]): boolean {
    const before = this.#sequences;
    return (
      before.length === sequences.length &&
      sequences.every((tokens, row) => tokens.length === before[row]!.length + 1 && startsWith(tokens, before[row]!))
    );
  }

  async #fromTheStart(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { context, vocabularySize } = this.#model.config;
    const size = this.#chunk;
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
      const values = await valuesOf(start === 0 ? this.#readFirst : this.#readChunk, {
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
    if (this.#newCount === this.#chunk) await this.#moveToPast();
    const values = await valuesOf(this.#readStep, this.#steps(sequences, 1));
    return rowsOf(values, sequences.length, this.#model.config.vocabularySize);
  }

  /** Inputs to read the last token of each sequence, and those that follow it; their places count as taken. */
  #steps(sequences: readonly (readonly number[])[], count: number): Steps {
    const first = this.#newCount;
    this.#newCount += count;
    const ofRow = (value: (sequence: readonly number[]) => number) =>
      tf.tensor1d(
        Int32Array.from({ length: this.#batch }, (_, row) => value(sequences[row] ?? [0])),
        'int32',
      );
    const size = this.#chunk;
    // A single step's token is put among the new ones before it is looked at; several are looked at beside them.
    const seen = count === 1 ? first + 1 : first;
    const newMask = Float32Array.from({ length: size }, (_, index) => (index < seen ? 0 : outOfSight));
    const slots = new Float32Array(size * count);
    for (let step = 0; step < count; step++) slots[(first + step) * count + step] = 1;
    return {
      tokens: ofRow((sequence) => sequence.at(-1)!),
      positions: ofRow(({ length }) => length - 1),
      pastMask: this.#pastMask(sequences.map(({ length }) => length - 1 - first)),
      newMask: tf.tensor2d(newMask, [1, size]),
      slots: tf.tensor2d(slots, [size, count]),
    };
  }

  async #moveToPast(): Promise<void> {
    const { context } = this.#model.config;
    const [size, count] = [this.#chunk, this.#newCount];
    const placement = new Float32Array(this.#batch * context * size);
    for (const [row, { length }] of this.#sequences.entries()) {
      for (let index = 0; index < count; index++) {
        placement[(row * context + length - count + index) * size + index] = 1;
      }
    }
    await valuesOf(this.#movePast, tf.tensor4d(placement, [this.#batch, 1, context, size]));
    this.#newCount = 0;
  }

  /** [batch, 1, 1, context]: the first so many of each row may be looked at. */
  #pastMask(lengths: readonly number[]): tf.Tensor4D {
    const { context } = this.#model.config;
    const mask = new Float32Array(this.#batch * context).fill(outOfSight);
    for (const [row, length] of lengths.entries()) mask.fill(0, row * context, row * context + length);
    return tf.tensor4d(mask, [this.#batch, 1, 1, context]);
  }
}

function startsWith(tokens: readonly number[], start: readonly number[]): boolean {
  return start.every((token, index) => token === tokens[index]);
}
