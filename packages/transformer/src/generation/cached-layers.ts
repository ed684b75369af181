import * as tf from '@tensorflow/tfjs-core';
import type { Gpt, NewTokens } from '../model.ts';
import { attendCached, type CachePart, causalMask } from '../operations/attention.ts';

/** Tokens in the part of new ones: each call writes only so many keys and values. */
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

/** One token of each sequence, and those that follow it in the same call. */
export interface Steps extends Read {
  /** [1, new]: which of the new tokens each sequence may look at: those of earlier calls, and that of a call of one step */
  newMask: tf.Tensor2D;
  /** [new, steps]: 1 where a token of this call goes to */
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

  dispose(): void {
    for (const layer of this.#layers) tf.dispose([{ ...layer.past }, { ...layer.new }]);
  }

  /**
   * A chunk of each sequence, straight into the past.
   * @param isFirst whether nothing that is kept counts any more
   * @returns [batch, vocabularySize]
   */
  readChunk(chunk: Chunk, isFirst: boolean): tf.Tensor {
    const { heads, kvHeads } = this.#model.config;
    const mask = causalMask((heads / kvHeads) * this.#chunk, this.#chunk);
    const { states, read } = this.#states(this.#tokens(chunk), (read, { past }) => [
      ...(isFirst ? [] : [{ ...past, mask: chunk.pastMask }]),
      { ...read, mask },
    ]);
    const placement = this.#forEveryHead(chunk.placement);
    for (const [index, layer] of this.#layers.entries()) {
      if (isFirst) {
        assignPart(layer.past, placed(read[index]!, placement));
        // Not only out of sight: what a model that has diverged left may be NaN.
        assignPart(layer.new, { keys: tf.zerosLike(layer.new.keys), values: tf.zerosLike(layer.new.values) });
      } else assignPart(layer.past, withPlaced(layer.past, read[index]!, placement));
    }
    return this.#model.outputLogits(tf.gather(states, chunk.lastRows));
  }

  /** One token of each sequence, into the part of new ones. @returns [batch, vocabularySize] */
  readStep(step: Steps): tf.Tensor {
    // Put there first, it is one of the new ones: a part of its own would cost two products more.
    const isHere = tf.greater(step.slots, 0);
    const put = (token: tf.Tensor4D, old: tf.Tensor4D): tf.Tensor4D => tf.where(isHere, token, old);
    const news: Part[] = [];
    const { states } = this.#states(this.#tokens(step), (token, layer) => {
      const part = { keys: put(token.keys, layer.new.keys), values: put(token.values, layer.new.values) };
      news.push(part);
      return [
        { ...layer.past, mask: step.pastMask },
        { ...part, mask: step.newMask },
      ];
    });
    for (const [index, layer] of this.#layers.entries()) assignPart(layer.new, news[index]!);
    return this.#model.outputLogits(states);
  }

  /**
   * One token of each sequence and the likeliest that follow, but for the last of them, into the part of new ones.
   * @returns the likeliest tokens [steps, batch] int32, and the sums of their logits, not finite where a logit is not
   */
  readLikeliest(steps: Steps): { tokens: tf.Tensor; sums: tf.Tensor } {
    const [, count] = steps.slots.shape;
    let next = this.#tokens(steps);
    const before: (readonly Part[])[] = [];
    const found = Array.from({ length: count }, () => {
      const { logits, read } = this.#step(steps, next, before);
      before.push(read);
      const tokens: tf.Tensor1D = tf.argMax(logits, 1);
      next = { ...next, tokens, positions: tf.add(next.positions, tf.scalar(1, 'int32')) };
      return { tokens, sums: tf.sum(logits, 1) };
    });
    this.#keep(before, steps.slots);
    return {
      tokens: tf.stack(found.map(({ tokens }) => tokens)),
      sums: tf.stack(found.map(({ sums }) => sums)),
    };
  }

  /** The part of new ones to the places of the past that a 0-1 matrix [batch, 1, context, new] gives them. */
  moveNewToPast(placement: tf.Tensor4D): tf.Tensor {
    const places = this.#forEveryHead(placement);
    for (const layer of this.#layers) assignPart(layer.past, withPlaced(layer.past, layer.new, places));
    return tf.sum(placement);
  }

  /** The backends of TensorFlow.js pair matrices by their running number, not by axis, where both sides have several. */
  #forEveryHead(placement: tf.Tensor4D): tf.Tensor4D {
    return tf.tile(placement, [1, this.#model.config.kvHeads, 1, 1]);
  }

  #tokens({ tokens, positions }: Read): NewTokens {
    return { batch: this.#batch, tokens, positions };
  }

  /** @param earlier keys and values, by layer, of each token that was read before in the same call */
  #step({ pastMask, newMask }: Steps, tokens: NewTokens, earlier: readonly (readonly Part[])[]) {
    const { states, read } = this.#states(tokens, (read, layer, index) => [
      { ...layer.past, mask: pastMask },
      { ...layer.new, mask: newMask },
      joined([...earlier.map((parts) => parts[index]!), read]),
    ]);
    return { logits: this.#model.outputLogits(states), read };
  }

  /** Hidden states of the tokens that are read, and their keys and values in each layer. */
  #states(tokens: NewTokens, seenBy: (read: Part, layer: LayerCache, index: number) => readonly CachePart[]) {
    const read: Part[] = [];
    const states = this.#model.continuedStates(tokens, (query, keys, values, layer) => {
      const part = { keys, values };
      read.push(part);
      return attendCached(query, seenBy(part, this.#layers[layer]!, layer));
    });
    return { states, read };
  }

  /** Keys and values of the tokens of a call, by layer, into the part of new ones. */
  #keep(tokens: readonly (readonly Part[])[], slots: tf.Tensor2D): void {
    const isPlaced = tf.greater(tf.sum(slots, 1, true), 0);
    const placed = (rows: tf.Tensor4D, old: tf.Tensor4D): tf.Tensor4D =>
      tf.where(isPlaced, tf.matMul(slots, rows), old);
    for (const [index, layer] of this.#layers.entries()) {
      const { keys, values } = joined(tokens.map((parts) => parts[index]!));
      assignPart(layer.new, { keys: placed(keys, layer.new.keys), values: placed(values, layer.new.values) });
    }
  }
}

function assignPart(to: LayerCache['new'], { keys, values }: Part): void {
  to.keys.assign(keys);
  to.values.assign(values);
}

/** Parts one behind the other in time. */
function joined(parts: readonly Part[]): Part {
  return {
    keys: tf.concat(
      parts.map(({ keys }) => keys),
      2,
    ),
    values: tf.concat(
      parts.map(({ values }) => values),
      2,
    ),
  };
}

/** Rows at the places that 0-1 matrices [batch, kvHeads, context, new] give them, and zeros elsewhere. */
function placed(rows: Part, placement: tf.Tensor4D): Part {
  return { keys: tf.matMul(placement, rows.keys), values: tf.matMul(placement, rows.values) };
}

/** The past with new rows in places that are still empty. */
function withPlaced(past: Part, rows: Part, placement: tf.Tensor4D): Part {
  const { keys, values } = placed(rows, placement);
  return { keys: tf.add(past.keys, keys), values: tf.add(past.values, values) };
}
