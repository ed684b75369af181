import '@tensorflow/tfjs';
import { compile, type OnnxRuntimeBackend, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { peakInUse } from '../../../test/support/peak-in-use.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { attendInBlocks, blockMask, scoresAtATime } from '../src/operations/block-attention.ts';

const [time, length, headWidth, layers] = [1024, 64, 4, 3];

/**
 * The most bytes that the gradient of attention after attention has in use at a time.
 * @param groups queries that share a key head
 * @param masked positions of the mask
 */
async function peakOf(groups: number, masked: number): Promise<number> {
  const folder = temporaryFolder();
  registerOnnxRuntimeBackend({ threads: 2, profileFolder: folder });
  await tf.setBackend('onnxruntime');
  const mask = blockMask(length, masked);
  const keys: tf.Tensor4D = tf.randomUniform([1, 1, time, headWidth], -1, 1, 'float32', 1);
  const queries: tf.Tensor4D = tf.randomUniform([1, 1, groups * time, headWidth], -1, 1, 'float32', 2);
  const gradient = compile((queries: tf.Tensor4D, keys: tf.Tensor4D) =>
    tf.grad((x) => {
      let states = x as tf.Tensor4D;
      for (let layer = 1; layer <= layers; layer++) {
        states = attendInBlocks(states, tf.mul(keys, layer), tf.mul(keys, -layer), mask);
      }
      return tf.sum(tf.square(states));
    })(queries),
  );
  gradient(queries, keys).dataSync();
  (tf.backend() as OnnxRuntimeBackend).profile();
  return peakInUse(folder);
}

test.each([1, 4])('the masks of a long sequence are there one at a time, with %i queries to a key', async (groups) => {
  const maskBytes = (groups * time ** 2 * 4) / 2;
  const [kept, made] = [await peakOf(groups, time), await peakOf(groups, 8192)];
  expect(kept - made).toBeGreaterThan(maskBytes / 2);
  // The estimate of memory counts on so many arrays of a block's scores.
  expect(made / (groups * length * time * 4)).toBeGreaterThan(0.6 * scoresAtATime);
  expect(made / (groups * length * time * 4)).toBeLessThan(1.2 * scoresAtATime);
});
