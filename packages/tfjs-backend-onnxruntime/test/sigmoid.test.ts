import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Graph } from '../src/graph/graph.ts';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeAll(async () => {
  backend = await useBackend();
});

const points = Array.from({ length: 349 }, (_, index) => (index - 174) / 2);
const sigmoid = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const identity = [[1]];

type Function1 = (x: tf.Tensor) => tf.Tensor;
const gradient =
  (f: Function1): Function1 =>
  (x) =>
    tf.grad((input) => tf.sum(f(input)))(x);
const dense = (x: tf.Tensor) =>
  tf.reshape(
    tf.fused.matMul({ a: tf.reshape(x, [-1, 1]) as tf.Tensor2D, b: tf.tensor2d(identity), activation: 'sigmoid' }),
    [-1],
  );
const layer = () =>
  tf.layers.dense({ units: 1, activation: 'sigmoid', weights: [tf.tensor2d(identity), tf.zeros([1])] });

/** Functions and their values in float64. */
const functions: readonly (readonly [name: string, f: Function1, exact: (x: number) => number])[] = [
  ['sigmoid', tf.sigmoid, sigmoid],
  ['gradient of sigmoid', gradient(tf.sigmoid), (x) => sigmoid(x) * sigmoid(-x)],
  ['1 - sigmoid', (x) => tf.sub(1, tf.sigmoid(x)), (x) => sigmoid(-x)],
  ['log of sigmoid', (x) => tf.log(tf.sigmoid(x)), (x) => -softplus(-x)],
  ['log of 1 - sigmoid', (x) => tf.log(tf.sub(1, tf.sigmoid(x))), (x) => -softplus(x)],
  ['gradient of log of sigmoid', gradient((x) => tf.log(tf.sigmoid(x))), (x) => sigmoid(-x)],
  ['logSigmoid', tf.logSigmoid, (x) => -softplus(-x)],
  ['gradient of logSigmoid', gradient(tf.logSigmoid), (x) => sigmoid(-x)],
  ['softplus', tf.softplus, softplus],
  ['gradient of softplus', gradient(tf.softplus), sigmoid],
  ['fused product with sigmoid', dense, sigmoid],
  ['gradient of a fused product', gradient(dense), (x) => sigmoid(x) * sigmoid(-x)],
  ['dense layer with sigmoid', (x) => tf.reshape(layer().apply(tf.reshape(x, [-1, 1])) as tf.Tensor, [-1]), sigmoid],
  [
    'cross-entropy of logits',
    (x) => tf.losses.sigmoidCrossEntropy(tf.onesLike(x), x, undefined, 0, tf.Reduction.NONE),
    (x) => softplus(-x),
  ],
];

/** The largest relative difference, where the value is a normal float32. */
function worst(f: Function1, exact: (x: number) => number): number {
  const values = f(tf.tensor1d(points)).dataSync();
  const differences = points.map((x, index) => {
    const expected = exact(x);
    return Math.abs(expected) < 2 ** -126 ? 0 : Math.abs(values[index]! / expected - 1);
  });
  return Math.max(
    ...differences.map((difference) => (Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)),
  );
}

describe('relative to the value, from -87 to 87,', () => {
  test.each(functions)('%s has the accuracy of float32', (_, f, exact) => {
    expect(worst(f, exact)).toBeLessThan(1e-6);
    expect(worst(compile(f), exact)).toBeLessThan(1e-6);
  });

  test('NaN stays NaN, and infinities have their limits', () => {
    const special = tf.tensor1d([Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(Array.from(tf.sigmoid(special).dataSync())).toEqual([Number.NaN, 0, 1]);
    expect(Array.from(tf.softplus(special).dataSync())).toEqual([Number.NaN, 0, Number.POSITIVE_INFINITY]);
  });
});

describe('the fast operator', () => {
  /** Names of the operators that a function is made of. */
  function operators(f: Function1): string[] {
    const graphs: Graph[] = [];
    const { compileGraph } = backend;
    backend.compileGraph = (graph) => {
      graphs.push(graph);
      return compileGraph.call(backend, graph);
    };
    compile(f)(tf.tensor1d(points)).dispose();
    backend.compileGraph = compileGraph;
    return graphs.flatMap(({ nodes }) => nodes.map(({ op }) => op));
  }
  const gate =
    (name: string): Function1 =>
    (x) =>
      tf.engine().runKernel<tf.Tensor>(name, { x }, { accuracy: 'absolute' });

  test.each(['Sigmoid', 'Softplus'])('%s is taken where only the absolute error counts', (name) => {
    expect(operators(gate(name))).toEqual([name]);
    expect(
      worst(
        (x) => tf.add(gate(name)(x), 1),
        (x) => 1 + (name === 'Sigmoid' ? sigmoid : softplus)(x),
      ),
    ).toBeLessThan(3e-7);
  });

  test.each(functions)('is not taken by %s', (_, f) => {
    const used = operators(f);
    expect(used).not.toContain('Sigmoid');
    expect(used).not.toContain('Softplus');
  });
});
