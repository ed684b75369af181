import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../src/index.ts';
import { useBackend } from './support/reference.ts';

beforeAll(async () => {
  await useBackend({ logging: 'fatal' });
});

type OfIndices = (indices: tf.Tensor) => tf.Tensor;

const rows = () =>
  tf.tensor2d([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
const cube = () => tf.reshape(tf.range(0, 12), [2, 3, 2]) as tf.Tensor3D;
const table = () => tf.layers.embedding({ inputDim: 3, outputDim: 2, weights: [rows()] });
const int = (values: number[], shape: number[]) => tf.tensor(values, shape, 'int32');
/** The gradient alone: nothing asks for what was gathered. */
const gradientOf = (gather: (x: tf.Tensor, indices: tf.Tensor) => tf.Tensor, x: () => tf.Tensor): OfIndices => {
  return (indices) => tf.grad((input) => tf.sum(tf.square(gather(input, indices))))(x());
};

/** Operations, indices that they take, and indices outside. */
const cases: readonly [name: string, run: OfIndices, good: tf.Tensor, bad: tf.Tensor, alsoBad?: tf.Tensor][] = [
  ['gather', (i) => tf.gather(rows(), i), int([0, 2], [2]), int([-1, 0], [2]), int([0, 3], [2])],
  ['gather along another axis', (i) => tf.gather(rows(), i, 1), int([1, 0], [2]), int([0, -2], [2])],
  [
    'gather in batches',
    (i) => tf.gather(cube(), i, 1, 1),
    int([0, 2, 1, 1], [2, 2]),
    int([0, 2, -1, 1], [2, 2]),
    int([0, 3, 1, 1], [2, 2]),
  ],
  ['embedding', (i) => table().apply(i) as tf.Tensor, int([2, 0, 1, 1], [2, 2]), int([2, 0, -3, 1], [2, 2])],
  ['gradient of gather', gradientOf((x, i) => tf.gather(x, i), rows), int([0, 0], [2]), int([0, -1], [2])],
  ['gradient of gather, axis 1', gradientOf((x, i) => tf.gather(x, i, 1), rows), int([1, 0], [2]), int([-1, 0], [2])],
  [
    'gradient of gather in batches',
    gradientOf((x, i) => tf.gather(x, i, 1, 1), cube),
    int([0, 2, 1, 1], [2, 2]),
    int([0, 2, 1, -1], [2, 2]),
  ],
  ['gatherND of rows', (i) => tf.gatherND(rows(), i), int([1, 0], [2, 1]), int([1, -1], [2, 1]), int([1, 3], [2, 1])],
  ['gatherND of elements', (i) => tf.gatherND(rows(), i), int([1, 1, 0, 0], [2, 2]), int([1, 1, 0, -1], [2, 2])],
  ['scatterND', (i) => tf.scatterND(i, tf.tensor1d([7, 8]), [3]), int([2, 2], [2, 1]), int([-1, 1], [2, 1])],
  ['scatterND of rows', (i) => tf.scatterND(i, rows(), [4, 2]), int([3, 0, 3], [3, 1]), int([3, -1, 3], [3, 1])],
  [
    'tensorScatterUpdate of rows',
    (i) => tf.tensorScatterUpdate(rows(), i, tf.tensor2d([[9, 9]])),
    int([1], [1, 1]),
    int([-1], [1, 1]),
    int([3], [1, 1]),
  ],
  [
    'tensorScatterUpdate of elements',
    (i) => tf.tensorScatterUpdate(rows(), i, tf.tensor1d([9])),
    int([2, 1], [1, 2]),
    int([-1, 1], [1, 2]),
  ],
  ['sparseToDense', (i) => tf.sparseToDense(i, tf.tensor1d([7, 8]), [3], 1), int([0, 2], [2, 1]), int([0, -2], [2, 1])],
];

const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());
/** Indices that are computed: nobody knows them before the graph runs. */
const computed = (indices: tf.Tensor) => tf.sub(tf.add(indices, tf.scalar(7, 'int32')), tf.scalar(7, 'int32'));

describe('indices outside a tensor are refused', () => {
  test.each(cases)('by %s, known, computed and compiled', async (_, run, good, ...outside) => {
    const bad = outside.filter((indices) => indices !== undefined);
    await tf.setBackend('cpu');
    const expected = numbers(run(good));
    for (const indices of bad) expect(() => run(indices).dataSync()).toThrow();
    await tf.setBackend('onnxruntime');
    const compiled = compile(run);
    const inside = compile((indices: tf.Tensor) => run(computed(indices)));
    const ways: OfIndices[] = [run, (indices) => run(computed(indices)), compiled, inside];
    for (const way of ways) {
      expect(numbers(way(good))).toEqual(expected);
      for (const indices of bad) expect(() => way(indices).dataSync()).toThrow(/ind(ex|ices)/i);
      expect(numbers(way(good))).toEqual(expected);
    }
  });

  test('by a compiled step before it assigns anything', () => {
    const weights = tf.variable(rows());
    const step = compile((indices: tf.Tensor) => {
      const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(tf.gather(weights, indices))), [weights]);
      weights.assign(tf.sub(weights, tf.mul(grads[weights.name]!, 0.5)));
      return value;
    });
    tf.dispose([step(int([0], [1])), step(int([0], [1]))]);
    expect(() => step(int([-3], [1]))).toThrow(/or a negative index/);
    expect(numbers(weights)).toEqual([0, 0, 3, 4, 5, 6]);
    step(int([2], [1])).dispose();
    expect(numbers(weights)).toEqual([0, 0, 3, 4, 0, 0]);
    weights.dispose();
  });

  test('but unsortedSegmentSum leaves rows outside out, as tfjs does', () => {
    const ids = computed(int([0, -1, 5, 0], [4]));
    expect(numbers(tf.unsortedSegmentSum(tf.tensor1d([1, 2, 3, 4]), ids as tf.Tensor1D, 2))).toEqual([5, 0]);
  });
});
