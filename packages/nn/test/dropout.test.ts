import '@tensorflow/tfjs';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { dropout, dropoutDraws, dropoutMask, uniformStream } from '../src/index.ts';

const [rows, columns] = [96, 64];
registerOnnxRuntimeBackend({ threads: 1 });
beforeAll(() => tf.setBackend('cpu'));

function maskOf(name: string, probability: number): Float32Array {
  return tf.tidy(() =>
    dropoutMask(dropoutDraws(uniformStream(1, name), rows, columns), probability).dataSync(),
  ) as Float32Array;
}

/** The formula in float64, where nothing rounds. */
function reference(name: string, probability: number): number[] {
  const { rows: r, columns: c } = dropoutDraws(uniformStream(1, name), rows, columns);
  const [a, intercept, g] = [0, 1, 2].map((part) => Array.from(r.dataSync()).slice(part * rows, (part + 1) * rows));
  const [b, d, h] = [0, 1, 2].map((part) => Array.from(c.dataSync()).slice(part * columns, (part + 1) * columns));
  const fraction = (x: number) => x - Math.floor(x);
  return Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    const z = fraction(a![row]! * b![column]! + intercept![row]! + d![column]!);
    return fraction(64 * z * z + g![row]! + h![column]!) < probability ? 0 : Math.fround(1 / (1 - probability));
  });
}

test.each(['cpu', 'onnxruntime'])('a mask is that of exact arithmetic, bit by bit, on %s', async (backend) => {
  await tf.setBackend(backend);
  for (const probability of [0.1, 0.5, 0.95]) {
    for (const name of ['a', 'b', 'c']) {
      expect(Array.from(maskOf(name, probability))).toEqual(reference(name, probability));
    }
  }
  await tf.setBackend('cpu');
});

describe('a mask is as random as independent draws', () => {
  const probability = 0.25;
  const kept = 1 / (1 - probability);
  /** Standardized: mean 0, variance 1. */
  const deviation = Math.sqrt(probability / (1 - probability));
  let masks: Float32Array[];
  beforeAll(() => {
    masks = Array.from({ length: 40 }, (_, index) =>
      maskOf(`mask ${index}`, probability).map((m) => (m - 1) / deviation),
    );
  });

  test('it is 0 with the given probability and keeps the mean otherwise', () => {
    expect(new Set(maskOf('mask', probability))).toEqual(new Set([0, Math.fround(kept)]));
    const all = masks.flatMap((mask) => Array.from(mask));
    const z = all.reduce((sum, value) => sum + value, 0) / Math.sqrt(all.length);
    expect(Math.abs(z)).toBeLessThan(4);
  });

  /** Mean of the squared, standardized sums of products: 1 where the factors are independent. */
  function meanSquare(sumsOf: (mask: Float32Array) => number[]): { ratio: number; error: number } {
    const sums = masks.flatMap(sumsOf);
    return { ratio: sums.reduce((sum, z) => sum + z * z, 0) / sums.length, error: Math.sqrt(2 / sums.length) };
  }
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  const sumOver = (count: number, term: (index: number) => number) =>
    range(count).reduce((sum, index) => sum + term(index), 0) / Math.sqrt(count);
  const at = (mask: Float32Array, row: number, column: number) => mask[row * columns + (column % columns)]!;

  test.each<[string, (mask: Float32Array) => number[]]>([
    ['rows', (mask) => range(rows).map((row) => sumOver(columns, (column) => at(mask, row, column)))],
    ['columns', (mask) => range(columns).map((column) => sumOver(rows, (row) => at(mask, row, column)))],
    [
      'neighboring rows',
      (mask) =>
        range(rows - 1).map((row) => sumOver(columns, (column) => at(mask, row, column) * at(mask, row + 1, column))),
    ],
    [
      'rectangles',
      (mask) =>
        range(rows - 1).map((row) =>
          sumOver(
            columns,
            (column) =>
              at(mask, row, column) *
              at(mask, row, column + 5) *
              at(mask, row + 1, column) *
              at(mask, row + 1, column + 5),
          ),
        ),
    ],
  ])('sums over %s have the variance of independent ones', (_, sumsOf) => {
    const { ratio, error } = meanSquare(sumsOf);
    // Products of four have heavier tails than a normal: their squares vary more.
    expect(Math.abs(ratio - 1)).toBeLessThan(8 * error);
  });

  test('another stream makes another mask', () => {
    const product = sumOver(rows * columns, (index) => masks[0]![index]! * masks[1]![index]!);
    expect(Math.abs(product)).toBeLessThan(4);
  });
});

test('dropout multiplies value and gradient by the mask, also inside compile, and leaves no tensor behind', async () => {
  for (const backend of ['cpu', 'onnxruntime']) {
    await tf.setBackend(backend);
    const mask = maskOf('x', 0.5);
    const draws = dropoutDraws(uniformStream(1, 'x'), rows, columns);
    const x = tf.fill([rows, columns], 3) as tf.Tensor2D;
    const before = tf.memory().numTensors;
    const valueAndGradient = compile((x: tf.Tensor2D, draws: ReturnType<typeof dropoutDraws>) =>
      tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => tf.sum(dropout(x as tf.Tensor2D, draws, 0.5)))(x);
        return { value, grad };
      }),
    );
    const { value, grad } = valueAndGradient(x, draws);
    expect(grad.dataSync()).toEqual(mask);
    expect(value.dataSync()[0]).toBe(3 * mask.reduce((sum, each) => sum + each, 0));
    tf.dispose([value, grad]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, draws.rows, draws.columns]);
  }
});
