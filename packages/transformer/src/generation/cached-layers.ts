import * as tf from '@tensorflow/tfjs-core';
import type { Gpt, NewTokens } from '../model.ts';
import { attendCached, type CacheMasks, causalMask } from '../operations/attention.ts';

/** Tokens in the part of new ones: each token writes only so many keys and values. */
export const mostNew = 32;

/** Keys and values, each [batch, kvHeads, time, headWidth]. */
interface Part<T extends tf.Tensor4D = tf.Tensor4D> {
  readonly keys: T;
  readonly values: T;
}

interface LayerCache {
  readonly past: Part<tf.Variable<tf.Rank.R4>>;
  readonly new: Part<tf.Variable<tf.Rank.R4>>;
}

/** Tokens of which the past is known. */
interface Read extends tf.TensorContainerObject {
  /** [batch * time] int32, with `positions` */
  tokens: tf.Tensor1D;
  positions: tf.Tensor1D;
  /** [batch, 1, 1, context]: which of the past each sequence may look at */
  pastMask: tf.Tensor4D;
}

/** A chunk of each sequence. */
export interface Chunk extends Read {
  /** [batch]: the row of the last token of each sequence */
  lastRows: tf.Tensor1D;
  /** [batch, 1, context, new]: 1 where a token of the chunk goes to */
  placement: tf.Tensor4D;
}

/** One token of each sequence, and of those that follow one after another as many as the masks have rows. */
export interface Steps extends Read {
  /** [steps, new]: added to the scores of new tokens */
  newMasks: tf.Tensor2D;
  /** [steps, new] bool: where the token goes */
  slots: tf.Tensor2D;
}

/**
 * The tensors of a key-value cache and what is computed with them. A backend's results are memory of their own, so a cache
 * that is assigned is copied. Therefore keys and values of a new token go into a small part of new ones, and only when that
 * is full do they move to the large part of the past. All shapes are fixed: positions, lengths and places are inputs.
 */
export class CachedLayers {
  readonly #model: Gpt;
  readonly #batch: number;
  readonly #chunk: number;
  readonly #layers: readonly LayerCache[];

  constructor(model: Gpt, batch: number) {
    const { layers, kvHeads, headWidth, context } = model.config;
    this.#model = model;
    this.#batch = batch;
    this.#chunk = Math.min(mostNew, context);
    const zeros = (time: number) =>
      tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R4>([batch, kvHeads, time, headWidth]), false));
    const part = (time: number) => ({ keys: zeros(time), values: zeros(time) });
    this.#layers = Array.from({ length: layers }, () => ({ past: part(context), new: part(this.#chunk) }));
  }

  clear(): void {
    for (const layer of this.#layers) {
      for (const variable of [layer.past, layer.new].flatMap(({ keys, values }) => [keys, values])) {
        tf.tidy(() => variable.assign(tf.zerosLike(variable)));
      }
    }
  }

  dispose(): void {
    for (const layer of this.#layers) tf.dispose([{ ...layer.past }, { ...layer.new }]);
  }

  /** A chunk of each sequence, straight into the past. @returns [batch, vocabularySize] */
  readChunk(chunk: Chunk): tf.Tensor {
    const { heads, kvHeads } = this.#model.config;
    const masks = { past: chunk.pastMask, new: causalMask((heads / kvHeads) * this.#chunk, this.#chunk) };
    const { states, parts } = this.#states(this.#tokens(chunk), masks, (read) => read);
    for (const [index, { past }] of this.#layers.entries()) addPlaced(past, parts[index]!, chunk.placement);
    return this.#model.outputLogits(tf.gather(states, chunk.lastRows));
  }

  /** One token of each sequence, into the part of new ones. @returns [batch, vocabularySize] */
  readStep(steps: Steps): tf.Tensor {
    const { logits, parts } = this.#step(steps, 0, this.#tokens(steps), this.#news);
    this.#keep(parts);
    return logits;
  }

  /**
   * One token of each sequence and the likeliest that follow, but for the last of them, into the part of new ones.
   * @returns the likeliest tokens [steps, batch] int32, and the sums of their logits, not finite where a logit is not
   */
  readLikeliest(steps: Steps): { tokens: tf.Tensor; sums: tf.Tensor } {
    const [count] = steps.newMasks.shape;
    let next = this.#tokens(steps);
    let parts = this.#news;
    const found = Array.from({ length: count }, (_, index) => {
      const step = this.#step(steps, index, next, parts);
      parts = step.parts;
      const tokens: tf.Tensor1D = tf.argMax(step.logits, 1);
      next = { ...next, tokens, positions: tf.add(next.positions, tf.scalar(1, 'int32')) };
      return { tokens, sums: tf.sum(step.logits, 1) };
    });
    this.#keep(parts);
    return {
      tokens: tf.stack(found.map(({ tokens }) => tokens)),
      sums: tf.stack(found.map(({ sums }) => sums)),
    };
  }

  /** The part of new ones to the places of the past that a 0-1 matrix [batch, 1, context, new] gives them. */
  moveNewToPast(placement: tf.Tensor4D): tf.Tensor {
    for (const layer of this.#layers) addPlaced(layer.past, layer.new, placement);
    return tf.sum(placement);
  }

  get #news(): readonly Part[] {
    return this.#layers.map((layer) => layer.new);
  }

  #tokens({ tokens, positions }: Read): NewTokens {
    return { batch: this.#batch, tokens, positions };
  }

  #step(steps: Steps, index: number, tokens: NewTokens, before: readonly Part[]) {
    const row = (matrix: tf.Tensor2D): tf.Tensor2D => tf.slice(matrix, [index, 0], [1, -1]);
    const isHere = tf.reshape(row(steps.slots), [this.#chunk, 1]);
    const put = (read: tf.Tensor4D, old: tf.Tensor4D): tf.Tensor4D => tf.where(isHere, read, old);
    const masks = { past: steps.pastMask, new: row(steps.newMasks) };
    const { states, parts } = this.#states(tokens, masks, (read, layer) => ({
      keys: put(read.keys, before[layer]!.keys),
      values: put(read.values, before[layer]!.values),
    }));
    return { logits: this.#model.outputLogits(states), parts };
  }

  /** Hidden states of the tokens that are read, and each layer's new part, made of their keys and values. */
  #states(tokens: NewTokens, masks: CacheMasks, partOf: (read: Part, layer: number) => Part) {
    const parts: Part[] = [];
    const states = this.#model.continuedStates(tokens, (query, keys, values, layer) => {
      const { past } = this.#layers[layer]!;
      const part = partOf({ keys, values }, layer);
      parts.push(part);
      return attendCached(query, { past: past.keys, new: part.keys }, { past: past.values, new: part.values }, masks);
    });
    return { states, parts };
  }

  #keep(parts: readonly Part[]): void {
    for (const [index, layer] of this.#layers.entries()) {
      layer.new.keys.assign(parts[index]!.keys);
      layer.new.values.assign(parts[index]!.values);
    }
  }
}

/** Adds new rows to the (still empty) rows of the past that the 0-1 matrix [batch, 1, context, new] gives them. */
function addPlaced(past: LayerCache['past'], rows: Part, placement: tf.Tensor4D): void {
  past.keys.assign(tf.add(past.keys, tf.matMul(placement, rows.keys)));
  past.values.assign(tf.add(past.values, tf.matMul(placement, rows.values)));
}
