import '@tensorflow/tfjs';
import { registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  differentiable,
  embed,
  layerNorm,
  linear,
  linearCrossEntropy,
  linearTokenLosses,
  rmsNorm,
} from '../src/index.ts';
import { deterministicValues } from './support/deterministic-values.ts';
import { expectClose, finiteDifferences } from './support/finite-differences.ts';

const [rows, width, classes] = [5, 6, 7];
const epsilon = 1e-2;
const indices = [3, 0, 3, 6, 1];

/** The operations in float64, from their definitions, row by row. */
const rowsOf = (x: readonly number[], size: number) =>
  Array.from({ length: x.length / size }, (_, row) => x.slice(row * size, (row + 1) * size));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((value, index) => value * b[index]!));

const definitions = {
  rmsNorm: (x: number[], gain: number[]) =>
    rowsOf(x, width).flatMap((row) => {
      const rms = Math.sqrt(mean(row.map((value) => value ** 2)) + epsilon);
      return row.map((value, column) => (value / rms) * gain[column]!);
    }),
  layerNorm: (x: number[], gain: number[], bias: number[]) =>
    rowsOf(x, width).flatMap((row) => {
      const center = mean(row);
      const deviation = Math.sqrt(mean(row.map((value) => (value - center) ** 2)) + epsilon);
      return row.map((value, column) => ((value - center) / deviation) * gain[column]! + bias[column]!);
    }),
  embed: (table: number[]) => indices.flatMap((row) => table.slice(row * width, (row + 1) * width)),
  tokenLosses: (states: number[], weight: number[]) =>
    rowsOf(states, width).map((row, index) => {
      const logits = rowsOf(weight, width).map((vector) => dot(row, vector));
      const largest = Math.max(...logits);
      return largest + Math.log(sum(logits.map((logit) => Math.exp(logit - largest)))) - logits[indices[index]!]!;
    }),
};

interface Case {
  readonly name: string;
  /** Shapes of the inputs. */
  readonly shapes: number[][];
  readonly apply: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly definition: (...inputs: number[][]) => number[];
}

const targets = () => tf.tensor1d(indices, 'int32');
const cases: Case[] = [
  {
    name: 'rmsNorm',
    shapes: [[rows, width], [width]],
    apply: (x, gain) => rmsNorm(x as tf.Tensor2D, gain as tf.Tensor1D, epsilon),
    definition: definitions.rmsNorm,
  },
  {
    name: 'layerNorm',
    shapes: [[rows, width], [width], [width]],
    apply: (x, gain, bias) => layerNorm(x as tf.Tensor2D, gain as tf.Tensor1D, bias as tf.Tensor1D, epsilon),
    definition: definitions.layerNorm,
  },
  {
    name: 'layerNorm without a bias',
    shapes: [[rows, width], [width]],
    apply: (x, gain) => layerNorm(x as tf.Tensor2D, gain as tf.Tensor1D, undefined, epsilon),
    definition: (x, gain) => definitions.layerNorm(x, gain, new Array(width).fill(0)),
  },
  {
    name: 'embed, with a row that is taken twice',
    shapes: [[classes, width]],
    apply: (table) => embed(table as tf.Tensor2D, targets()),
    definition: definitions.embed,
  },
  {
    name: 'linearCrossEntropy',
    shapes: [
      [rows, width],
      [classes, width],
    ],
    apply: (states, weight) => linearCrossEntropy(states as tf.Tensor2D, weight as tf.Tensor2D, targets()),
    definition: (states, weight) => [mean(definitions.tokenLosses(states, weight))],
  },
  {
    name: 'linearCrossEntropy by blocks of two rows',
    shapes: [
      [rows, width],
      [classes, width],
    ],
    apply: (states, weight) =>
      linearCrossEntropy(states as tf.Tensor2D, weight as tf.Tensor2D, targets(), 2 * classes + 1),
    definition: (states, weight) => [mean(definitions.tokenLosses(states, weight))],
  },
  {
    name: 'linearCrossEntropy of a multiple of eight classes',
    shapes: [
      [rows, width],
      [classes, width],
    ],
    apply: (states, weight) => linearCrossEntropy(states as tf.Tensor2D, weight as tf.Tensor2D, targets(), 2 ** 25, 8),
    definition: (states, weight) => [mean(definitions.tokenLosses(states, weight))],
  },
];

registerOnnxRuntimeBackend({ threads: 1 });

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  test.each(cases)('$name has the value and the gradients of its definition', async ({ shapes, apply, definition }) => {
    await tf.setBackend(backend);
    const values = shapes.map((shape, index) =>
      Array.from(deterministicValues(`input/${index}`, tf.util.sizeFromShape(shape))),
    );
    const inputs = values.map((value, index) => tf.tensor(value, shapes[index]));
    const expected = definition(...values);
    const output = apply(...inputs);
    expectClose(output.dataSync(), expected, 1e-5);

    // The gradient of a sum of the outputs that weighs each differently.
    const weights = Array.from(deterministicValues('dy', expected.length));
    const gradients = tf.grads(apply)(inputs, tf.tensor(weights, output.shape));
    const weighed = (...given: number[][]) => dot(definition(...given), weights);
    for (const [index, gradient] of gradients.entries()) {
      expect(gradient.shape).toEqual(shapes[index]);
      expectClose(gradient.dataSync(), finiteDifferences(weighed, values, index), 1e-4);
    }
  });

  test('linearTokenLosses is exact where the probability underflows', async () => {
    await tf.setBackend(backend);
    // Logits 0 and 200: -log softmax is 200 + log(1 + e^-200).
    const losses = tf.tidy(() =>
      linearTokenLosses(tf.tensor2d([[200]]), tf.tensor2d([[0], [1]]), tf.tensor1d([0], 'int32')).dataSync(),
    );
    expect(losses[0]).toBe(200);
    const loss = tf.tidy(() =>
      linearCrossEntropy(tf.tensor2d([[200]]), tf.tensor2d([[0], [1]]), tf.tensor1d([0], 'int32')).dataSync(),
    );
    // The training loss ends at the logarithm of the smallest normal float32.
    expect(loss[0]).toBeCloseTo(126 * Math.LN2, 4);
  });

  test('losses by blocks of rows are those of all rows', async () => {
    await tf.setBackend(backend);
    const matrix = (name: string, count: number) =>
      tf.tensor2d(deterministicValues(name, count * width), [count, width]);
    const [states, weight] = [matrix('states', rows), matrix('weight', classes)];
    const losses = (most?: number) => tf.tidy(() => linearTokenLosses(states, weight, targets(), most).dataSync());
    for (const most of [1, 2 * classes, rows * classes]) expectClose(losses(most), [...losses()], 1e-6);
    tf.dispose([states, weight]);
  });

  test('linear is x W + b, and x W without a bias', async () => {
    await tf.setBackend(backend);
    const x = [
      [1, 2],
      [3, 4],
    ];
    const options = { inputs: 2, outputs: 3, standardDeviation: 1 };
    for (const bias of [true, false]) {
      const layer = linear('part', { ...options, bias });
      expect(layer.parameters.map(({ name, shape, group }) => [name, shape, group])).toEqual(
        [
          ['part.weight', [2, 3], 'matrix'],
          ['part.bias', [3], 'bias'],
        ].slice(0, bias ? 2 : 1),
      );
      const given = [[1, 0, -1, 2, 5, 3].map(Math.fround), [10, 20, 30]];
      for (const [index, parameter] of layer.parameters.entries()) {
        parameter.create(0);
        parameter.variable.assign(tf.tensor(given[index]!, [...parameter.shape]));
      }
      const offset = bias ? given[1]! : [0, 0, 0];
      expect(layer.apply(tf.tensor2d(x)).arraySync()).toEqual([
        [5, 10, 5].map((value, column) => value + offset[column]!),
        [11, 20, 9].map((value, column) => value + offset[column]!),
      ]);
      for (const parameter of layer.parameters) parameter.dispose();
    }
  });
});

test('differentiable gives tfjs the gradient that it was given, and keeps alive only what is saved', async () => {
  await tf.setBackend('cpu');
  const product = (a: tf.Tensor, b: tf.Tensor) =>
    differentiable(
      [a, b],
      (a, b) => ({ value: tf.mul(a, b), saved: [a] }),
      (dy, [a]) => [tf.mul(dy, 100), tf.mul(dy, a)],
    );
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const [da, db] = tf.grads(product)([tf.tensor1d([2, 3]), tf.tensor1d([5, 7])], tf.tensor1d([1, 10]));
    expect(da!.arraySync()).toEqual([100, 1000]);
    expect(db!.arraySync()).toEqual([2, 30]);
  });
  expect(tf.memory().numTensors).toBe(before);
});
