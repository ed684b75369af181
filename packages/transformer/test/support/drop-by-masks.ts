import * as tf from '@tensorflow/tfjs-core';
import type { Drop } from '../../src/index.ts';

/** Drops by given masks, one a site: each [batch * time, width]. */
export function dropByMasks(masks: readonly tf.Tensor2D[]): Drop {
  return (x, site) => {
    const mask = masks[site];
    return mask === undefined ? x : tf.mul(x, mask);
  };
}
