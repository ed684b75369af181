import { createEpochOrder, type TableSplit } from '@dynact/images';
import type { Compile, GradientTransform } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Experiment } from '../network-study.ts';
import type { Network } from './network.ts';

export type RegressionBatch = { readonly x: tf.Tensor; readonly targets: tf.Tensor1D };

export interface RegressionOptions {
  readonly network: Network;
  readonly split: TableSplit;
  /** Shape of one example. */
  readonly shape: readonly number[];
  readonly batchSize: number;
  readonly seed: number;
  readonly transform: GradientTransform;
  readonly compile: Compile;
}

/** Least squares; `RMSE` is of the test part, in the unit that the targets had. */
export function regression(options: RegressionOptions): Experiment<RegressionBatch> {
  const { network, split, shape, batchSize, seed, transform, compile } = options;
  const { train, test, targetDeviation } = split;
  const size = shape.reduce((product, length) => product * length, 1);
  const order = createEpochOrder(train.targets.length, seed);
  const squares = ({ x, targets }: RegressionBatch, training: boolean): tf.Tensor1D =>
    tf.squaredDifference(tf.squeeze(network.apply(x, training), [1]), targets);
  const judge = compile((batch: RegressionBatch) => tf.tidy(() => tf.mean(squares(batch, false)) as tf.Scalar));
  const tensors = (part: TableSplit['train'], places: readonly number[]): RegressionBatch => ({
    x: tf.tensor(
      Float32Array.from(places.flatMap((place) => [...part.inputs.subarray(place * size, (place + 1) * size)])),
      [places.length, ...shape],
    ),
    targets: tf.tensor1d(Float32Array.from(places, (place) => part.targets[place]!)),
  });
  return {
    parameters: network.parameters,
    transform,
    batchSize,
    activationValues: network.activationValues,
    batch: (index) =>
      tensors(
        train,
        Array.from({ length: batchSize }, (_, row) => order(index * batchSize + row)),
      ),
    loss: (batch) => tf.mean(squares(batch, true)),
    async evaluate() {
      const batch = tensors(test, [...test.targets.keys()]);
      const found = judge(batch);
      const [loss] = await found.data();
      tf.dispose([batch, found]);
      return { loss: loss!, metrics: { RMSE: targetDeviation * Math.sqrt(loss!) } };
    },
  };
}
