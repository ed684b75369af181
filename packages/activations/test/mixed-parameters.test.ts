import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { dynActivation } from '../src/index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const rows = [
  [-2, 0.5],
  [1.5, -0.25],
  [3, 4],
];
const upstream = [
  [1, -2],
  [0.5, 3],
  [-1, 0.25],
];
const columnSum = (of: (x: number) => number, column: number) =>
  rows.reduce((sum, row, index) => sum + upstream[index]![column]! * of(row[column]!), 0);
const silu = (x: number) => x * sigmoid(x);

test.each(['silu', 'mish'] as const)(
  'dynActivation of %s takes a parameter a channel beside a scalar or a number',
  (base) => {
    const curve = base === 'silu' ? silu : (x: number) => x * Math.tanh(Math.log1p(Math.exp(x)));
    const x = tf.tensor2d(rows);
    const alpha = tf.tensor1d([0.8, 1.3]);
    const beta = tf.scalar(0.2);
    const dy = tf.tensor2d(upstream);

    const both = tf.grads((alpha: tf.Tensor, beta: tf.Tensor) => dynActivation(x, alpha, beta, { base }));
    const [ofAlpha, ofBeta] = both([alpha, beta], dy) as [tf.Tensor, tf.Tensor];
    const expectedAlpha = [0, 1].map((column) => columnSum(curve, column));
    for (const [index, value] of ofAlpha.dataSync().entries()) expect(value).toBeCloseTo(expectedAlpha[index]!, 5);
    const expectedBeta = columnSum((x) => x - curve(x), 0) + columnSum((x) => x - curve(x), 1);
    expect(ofBeta.shape).toEqual([]);
    expect(ofBeta.dataSync()[0]).toBeCloseTo(expectedBeta, 5);

    const constant = tf.grad((alpha: tf.Tensor) => dynActivation(x, alpha, 0.2, { base }))(alpha, dy);
    for (const [index, value] of constant.dataSync().entries()) expect(value).toBeCloseTo(expectedAlpha[index]!, 5);
  },
);
