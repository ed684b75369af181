import * as tf from '@tensorflow/tfjs-core';
import type { Drop } from './blocks/block.ts';

/** Drops by masks that were made before, one a site: each [batch * time, width], 0 or 1 / (1 - p). */
export function dropByMasks(masks: readonly tf.Tensor2D[]): Drop {
  return (x, site) => {
    const mask = masks[site];
    return mask === undefined ? x : tf.mul(x, mask);
  };
}
