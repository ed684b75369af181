import type { Augmentation, PictureSplits, Pictures } from '@dynact/images';
import { createPictureBatches, evaluationPictureBatches, normalizationOf, type PictureBatch } from '@dynact/images';
import { type Compile, type GradientTransform, softmaxCrossEntropy } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Experiment } from '../network-study.ts';
import type { Network } from './network.ts';

/** Pictures and classes as tensors. */
export type ClassificationBatch = { readonly x: tf.Tensor4D; readonly labels: tf.Tensor1D };

export interface ClassificationOptions {
  readonly network: Network<tf.Tensor4D>;
  readonly data: PictureSplits;
  readonly batchSize: number;
  readonly seed: number;
  readonly transform: GradientTransform;
  readonly augmentation?: Augmentation;
  readonly compile: Compile;
}

/** Learns the classes of pictures by cross-entropy; `accuracy` is of the test split, in per cent. */
export function classification(options: ClassificationOptions): Experiment<ClassificationBatch> {
  const { network, data, batchSize, seed, transform, augmentation, compile } = options;
  const normalization = normalizationOf(data.train);
  const batches = createPictureBatches({
    pictures: data.train,
    ...{ normalization, batchSize, seed },
    ...(augmentation === undefined ? {} : { augmentation }),
  });
  const tests = evaluationPictureBatches(data.test, normalization, testBatch);
  const judge = compile((batch: ClassificationBatch) => tf.tidy(() => judged(network.apply(batch.x, false), batch)));
  return {
    parameters: network.parameters,
    transform,
    batchSize,
    activationValues: network.activationValues,
    batch: (index) => batchTensors(data.train, batches(index)),
    loss: ({ x, labels }) => softmaxCrossEntropy(network.apply(x, true), labels),
    async evaluate() {
      const totals = { nats: 0, correct: 0, count: 0 };
      for (const test of tests) {
        const batch = batchTensors(data.test, test);
        const sums = judge(batch);
        const [nats, correct] = await sums.data();
        tf.dispose([batch, sums]);
        totals.nats += nats!;
        totals.correct += correct!;
        totals.count += test.labels.length;
      }
      return { loss: totals.nats / totals.count, metrics: { accuracy: (100 * totals.correct) / totals.count } };
    },
  };
}

const testBatch = 500;

/** The tensors of a batch, which the caller disposes. */
export function batchTensors(
  { height, width, channels }: Pick<Pictures, 'height' | 'width' | 'channels'>,
  { pixels, labels }: PictureBatch,
): ClassificationBatch {
  return {
    x: tf.tensor4d(pixels, [labels.length, height, width, channels]),
    labels: tf.tensor1d(labels, 'int32'),
  };
}

/** [summed nats, right answers] */
export function judged(logits: tf.Tensor2D, { labels }: Pick<ClassificationBatch, 'labels'>): tf.Tensor1D {
  const nats = tf.mul(softmaxCrossEntropy(logits, labels), logits.shape[0]);
  const correct = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'));
  return tf.stack([nats, correct]) as tf.Tensor1D;
}
