import { type Compile, softmaxCrossEntropy } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import { type ClassificationBatch, judged } from './classification.ts';
import type { Network } from './network.ts';

/**
 * Right answers of a network whose pictures were moved against it (Goodfellow et al., arXiv 1412.6572): x + epsilon
 * sign(d loss / d x), cut off at black and white.
 * @param range of black and white, as the network sees them
 * @param epsilons in the network's units
 * @returns for a batch, [right answers at each epsilon]
 */
export function attackedAnswers(
  network: Network<tf.Tensor4D>,
  range: readonly [number, number],
  epsilons: readonly number[],
  compile: Compile,
): (batch: ClassificationBatch) => tf.Tensor1D {
  return compile((batch: ClassificationBatch) =>
    tf.tidy(() => {
      const loss = (x: tf.Tensor) => softmaxCrossEntropy(network.apply(x as tf.Tensor4D, false), batch.labels);
      const direction = tf.sign(tf.grad(loss)(batch.x));
      const answers = epsilons.map((epsilon) => {
        const moved: tf.Tensor4D = tf.clipByValue(tf.add(batch.x, tf.mul(direction, epsilon)), ...range);
        return tf.slice(judged(network.apply(moved, false), batch), [1], [1]);
      });
      return tf.concat(answers) as tf.Tensor1D;
    }),
  );
}
