import type { Parameter } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { ResolvedModelConfig } from '../config/resolve.ts';
import { type Attend, attention, type Rotate } from './attention.ts';
import { type FeedForward, feedForward } from './feed-forward.ts';
import { norm } from './norm.ts';
import { ownBlock } from './own-block.ts';

/**
 * Drops numbers of what enters the residual stream at a site: 0 after the embedding, 1 + 2 layer after the attention and
 * 2 + 2 layer after the feed-forward block of a layer.
 */
export type Drop = (x: tf.Tensor2D, site: number) => tf.Tensor2D;

/** The parts of a forward pass that differ between training, generation with a cache, and export. */
export interface ForwardPass {
  /** Sequences; their tokens stand in one matrix, those of a sequence side by side. */
  readonly batch: number;
  readonly rotate: Rotate;
  readonly attend: Attend;
  readonly drop?: Drop | undefined;
  /** Sees the residual stream after each part, and what the names of the part's parameters begin with. */
  readonly watch?: ((part: string, stream: tf.Tensor2D) => void) | undefined;
}

/** A pre-norm residual block. */
export interface Block {
  readonly parameters: readonly Parameter[];
  readonly feedForward: FeedForward;
  /** @param stream [batch * time, width] @returns as stream */
  apply(stream: tf.Tensor2D, pass: ForwardPass): tf.Tensor2D;
}

/** The block of one layer; the names of its parameters begin with `blocks.<layer>`. */
export function block(config: ResolvedModelConfig, layer: number): Block {
  const name = `blocks.${layer}`;
  const attentionNorm = norm(`${name}.attentionNorm`, config);
  const attend = attention(`${name}.attention`, config, layer);
  const feedForwardNorm = norm(`${name}.feedForwardNorm`, config);
  const kind = config.feedForwards[layer]!;
  const feedName = `${name}.feedForward`;
  const feed = 'own' in kind ? ownBlock(feedName, config, kind) : feedForward(feedName, config, kind);
  return {
    parameters: [attentionNorm, attend, feedForwardNorm, feed].flatMap(({ parameters }) => parameters),
    feedForward: feed,
    apply(stream, pass) {
      const { drop = (x) => x, watch } = pass;
      let x = stream;
      x = tf.add(x, drop(attend.apply(attentionNorm.apply(x), pass), 1 + 2 * layer));
      watch?.(`${name}.attention`, x);
      x = tf.add(x, drop(feed.apply(feedForwardNorm.apply(x)), 2 + 2 * layer));
      watch?.(`${name}.feedForward`, x);
      return x;
    },
  };
}
