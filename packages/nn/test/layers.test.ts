import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  batchNorm,
  channelAttention,
  convolution,
  lstm,
  type Parameter,
  softmaxCrossEntropy,
  spatialAttention,
} from '../src/index.ts';
import { deterministicValues } from './support/deterministic-values.ts';
import { expectClose } from './support/finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const values = (name: string, shape: number[]): tf.Tensor =>
  tf.tensor(
    deterministicValues(
      name,
      shape.reduce((size, length) => size * length, 1),
    ),
    shape,
  );

function create(parameters: readonly Parameter[]): void {
  for (const parameter of parameters) parameter.create(deterministicValues(parameter.name, parameter.size));
}

describe('gradients equal central differences of the values', () => {
  const norm = batchNorm('norm', 3);
  const recurrent = lstm('lstm', { inputs: 2, units: 3 });
  const channel = channelAttention('channel', 4, 2);
  const spatial = spatialAttention('spatial', 3);
  const convolve = convolution('convolution', { inputs: 2, outputs: 3, size: 3, stride: 2, bias: true });
  const labels = () => tf.tensor1d([2, 0, 1], 'int32');
  test.each([
    ['softmaxCrossEntropy', [], [3, 4], (x: tf.Tensor) => softmaxCrossEntropy(x as tf.Tensor2D, labels())],
    ['batchNorm', norm.parameters, [4, 2, 2, 3], (x: tf.Tensor) => norm.apply(x, true)],
    ['lstm', recurrent.parameters, [2, 4, 2], (x: tf.Tensor) => recurrent.apply(x as tf.Tensor3D)],
    ['channelAttention', channel.parameters, [2, 3, 3, 4], (x: tf.Tensor) => channel.apply(x as tf.Tensor4D)],
    ['spatialAttention', spatial.parameters, [2, 3, 3, 2], (x: tf.Tensor) => spatial.apply(x as tf.Tensor4D)],
    ['convolution', convolve.parameters, [2, 5, 5, 2], (x: tf.Tensor) => convolve.apply(x as tf.Tensor4D)],
  ] as const)('%s', (_, parameters, shape, apply) => {
    create(parameters);
    const at = values('x', [...shape]);
    const weighted = (x: tf.Tensor): tf.Scalar => {
      const y = apply(x);
      return tf.sum(tf.mul(y, values('upstream', y.shape.length === 0 ? [] : y.shape)));
    };
    const gradient = tf.grad(weighted)(at).dataSync();
    const step = 1e-2;
    const data = at.dataSync();
    const expected = Array.from(data, (_, place) => {
      const moved = (change: number) => {
        const x = Float32Array.from(data);
        x[place]! += change;
        return weighted(tf.tensor(x, [...shape])).dataSync()[0]!;
      };
      return (moved(step) - moved(-step)) / (2 * step);
    });
    expectClose(gradient, expected, 2e-2);
  });
});

test('cross-entropy is that of the definition, and finite where exp would overflow', () => {
  const logits = tf.tensor2d([
    [200, 0, 0],
    [1, 2, 3],
  ]);
  const loss = softmaxCrossEntropy(logits, tf.tensor1d([1, 2], 'int32')).dataSync()[0]!;
  const second = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 3;
  expect(loss).toBeCloseTo((200 + second) / 2, 4);
});

test('a convolution adds up what its window sees, with zeros around', () => {
  const layer = convolution('sum', { inputs: 1, outputs: 1, size: 3, bias: true });
  layer.parameters[0]!.create(new Float32Array(9).fill(1));
  layer.parameters[1]!.create(Float32Array.of(0.5));
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  expect([...layer.apply(x).dataSync()]).toEqual([12.5, 21.5, 16.5, 27.5, 45.5, 33.5, 24.5, 39.5, 28.5]);
});

describe('batch normalization', () => {
  test('trains with the batch: mean 0 and variance 1 before gain and bias', () => {
    const norm = batchNorm('norm', 2, { epsilon: 0 });
    for (const parameter of norm.parameters) parameter.create(0);
    const x = tf.tensor2d([
      [1, 10],
      [3, 30],
    ]);
    expectClose(norm.apply(x, true).dataSync(), [-1, -1, 1, 1], 1e-6);
  });

  test('keeps running statistics as PyTorch, and infers with them', () => {
    const norm = batchNorm('norm', 1, { momentum: 0.5, epsilon: 0 });
    for (const parameter of norm.parameters) parameter.create(0);
    norm.apply(tf.tensor2d([[1], [3]]), true);
    const [, , mean, variance] = norm.parameters.map(({ variable }) => variable.dataSync()[0]!);
    // Mean 2, unbiased variance 2: half of each, and half of 0 and 1.
    expect([mean, variance]).toEqual([1, 1.5]);
    expect(norm.apply(tf.tensor2d([[4]]), false).dataSync()[0]).toBeCloseTo(3 / Math.sqrt(1.5), 5);
  });

  test('leaves the running statistics alone at inference, and out of what is trained', () => {
    const norm = batchNorm('norm', 1);
    for (const parameter of norm.parameters) parameter.create(0);
    norm.apply(tf.tensor2d([[1], [3]]), false);
    expect(norm.parameters.map(({ variable }) => variable.dataSync()[0])).toEqual([1, 0, 0, 1]);
    expect(norm.parameters.map(({ trainable }) => trainable)).toEqual([true, true, false, false]);
  });
});

describe('attention', () => {
  test('channel attention multiplies by sigmoid(mlp(mean) + mlp(maximum))', () => {
    const layer = channelAttention('channel', 1, 1);
    for (const parameter of layer.parameters) parameter.create(new Float32Array(parameter.size).fill(1));
    // The perceptron is relu(s + 1) + 1.
    const factor = 1 / (1 + Math.exp(-(relu(2.5 + 1) + 1 + relu(4 + 1) + 1)));
    expectClose(
      layer.apply(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])).dataSync(),
      [1, 2, 3, 4].map((x) => x * factor),
      1e-6,
    );
  });

  test('spatial attention multiplies by sigmoid(convolution of [mean, maximum])', () => {
    const layer = spatialAttention('spatial', 1);
    layer.parameters[0]!.create(Float32Array.of(1, -2));
    layer.parameters[1]!.create(Float32Array.of(0.25));
    const factor = 1 / (1 + Math.exp(-(2 - 2 * 3 + 0.25)));
    expectClose(layer.apply(tf.tensor4d([1, 3], [1, 1, 1, 2])).dataSync(), [factor, 3 * factor], 1e-6);
  });
});

test('an LSTM is its published equations, time by time', () => {
  const layer = lstm('lstm', { inputs: 1, units: 1 });
  const [input, recurrent, bias] = [
    [0.5, -0.3, 0.8, 0.2],
    [0.1, 0.4, -0.6, 0.7],
    [0.05, 1, 0, -0.1],
  ] as const;
  for (const [index, given] of [input, recurrent, bias].entries())
    layer.parameters[index]!.create(Float32Array.from(given));
  let [hidden, cell] = [0, 0];
  for (const x of [0.7, -1.2, 0.4]) {
    const [i, f, g, o] = input.map((w, gate) => w * x + recurrent[gate]! * hidden + bias[gate]!) as [
      number,
      number,
      number,
      number,
    ];
    cell = sigmoid(f) * cell + sigmoid(i) * Math.tanh(g);
    hidden = sigmoid(o) * Math.tanh(cell);
  }
  expect(layer.apply(tf.tensor3d([0.7, -1.2, 0.4], [1, 3, 1])).dataSync()[0]).toBeCloseTo(hidden, 6);
});

function relu(x: number): number {
  return Math.max(0, x);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
