import {
  createPictureBatches,
  evaluationPictureBatches,
  normalizationOf,
  type PictureSplits,
  selectPictures,
} from '@dynact/images';
import { type Compile, type GradientTransform, Parameter } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Experiment } from '../network-study.ts';
import { batchTensors, type ClassificationBatch } from './classification.ts';
import type { Network } from './network.ts';

export interface OneClassOptions {
  readonly network: Network<tf.Tensor4D>;
  readonly outputs: number;
  readonly data: PictureSplits;
  /** The class that is normal: it alone is trained on. */
  readonly normal: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly transform: GradientTransform;
  readonly compile: Compile;
}

/** Center coordinates nearer to 0 than this are moved away from it: a network reaches 0 by doing nothing. */
const leastCoordinate = 0.1;

/**
 * Deep SVDD (Ruff et al. 2018): outputs of normal pictures are pulled to a center, their mean before training; a picture's
 * distance from it is how odd it is. `AUC` is of the test split, in per cent.
 */
export function oneClass(options: OneClassOptions): Experiment<ClassificationBatch> {
  const { network, outputs, data, normal, batchSize, seed, transform, compile } = options;
  const places = [...data.train.labels.keys()].filter((place) => data.train.labels[place] === normal);
  const train = selectPictures(data.train, places);
  const normalization = normalizationOf(train);
  const batches = createPictureBatches({ pictures: train, normalization, batchSize, seed });
  const center = new Parameter({
    ...{ name: 'center', shape: [outputs], group: 'bias', trainable: false },
    initialize: (_, size) => new Float32Array(size),
  });
  const distances = (x: tf.Tensor4D, training: boolean): tf.Tensor1D =>
    tf.sum(tf.square(tf.sub(network.apply(x, training), center.variable)), 1);
  const judge = compile(({ x }: ClassificationBatch) => tf.tidy(() => distances(x, false)));
  return {
    parameters: [...network.parameters, center],
    transform,
    batchSize,
    activationValues: network.activationValues,
    async prepare() {
      const [first] = evaluationPictureBatches(train, normalization, Math.min(512, places.length));
      const { x, labels } = batchTensors(train, first!);
      const mean = tf.tidy(() => tf.mean(network.apply(x, false), 0));
      const away = Float32Array.from(await mean.data(), (value) =>
        Math.abs(value) < leastCoordinate ? (value < 0 ? -leastCoordinate : leastCoordinate) : value,
      );
      tf.tidy(() => center.variable.assign(tf.tensor1d(away)));
      tf.dispose([x, labels, mean]);
    },
    batch: (index) => batchTensors(train, batches(index)),
    loss: ({ x }) => tf.mean(distances(x, true)),
    async evaluate() {
      const scores: number[] = [];
      for (const test of evaluationPictureBatches(data.test, normalization, 500)) {
        const batch = batchTensors(data.test, test);
        const found = judge(batch);
        scores.push(...(await found.data()));
        tf.dispose([batch, found]);
      }
      const isOdd = Array.from(data.test.labels, (label) => label !== normal);
      const ofNormal = scores.filter((_, place) => !isOdd[place]);
      const loss = ofNormal.reduce((sum, score) => sum + score, 0) / ofNormal.length;
      return { loss, metrics: { AUC: 100 * areaUnderCurve(scores, isOdd) } };
    },
  };
}

/** The chance that an odd example has a higher score than a normal one (Mann and Whitney); ties count half. */
export function areaUnderCurve(scores: readonly number[], isOdd: readonly boolean[]): number {
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);
  const odd = isOdd.filter(Boolean).length;
  let rankSum = 0;
  for (let first = 0; first < order.length; ) {
    let last = first;
    while (last + 1 < order.length && scores[order[last + 1]!] === scores[order[first]!]) last += 1;
    const rank = (first + last) / 2 + 1;
    for (let at = first; at <= last; at += 1) if (isOdd[order[at]!]) rankSum += rank;
    first = last + 1;
  }
  return (rankSum - (odd * (odd + 1)) / 2) / (odd * (isOdd.length - odd));
}
