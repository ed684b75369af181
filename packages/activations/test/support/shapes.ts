import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { dynActGlu, dynActivation } from '../../src/index.ts';

/** Sizes that the table does not reach: those of a training step, one number, none. */
export function shapeSuite(): void {
  test('sums the parameter gradients of a training step exactly enough', async () => {
    const [rows, columns] = [1024, 344];
    const seeds = [1, 2, 3];
    const [gate, value, upstream] = seeds.map((seed) => tf.randomNormal([rows, columns], 0.1, 1, 'float32', seed)) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const [g, v, dy] = await Promise.all([gate, value, upstream].map((tensor) => tensor.data()));
    const expected = { alpha: 0, beta: 0 };
    g!.forEach((x, index) => {
      const base = x / (1 + Math.exp(-x));
      expected.alpha += dy![index]! * v![index]! * base;
      expected.beta += dy![index]! * v![index]! * (x - base);
    });
    const parameters = [tf.scalar(0.9), tf.scalar(0.1)];
    const [alpha, beta] = tf.grads((alpha, beta) => dynActGlu(gate, value, alpha!, beta!))(parameters, upstream);
    expect(Math.abs((await alpha!.data())[0]! / expected.alpha - 1)).toBeLessThanOrEqual(1e-4);
    expect(Math.abs((await beta!.data())[0]! / expected.beta - 1)).toBeLessThanOrEqual(1e-4);
    tf.dispose([gate, value, upstream, parameters, alpha!, beta!]);
  });

  test.each([[[]], [[0, 3]], [[7, 1]], [[2, 3, 5]]])('takes x of shape %j', async (shape) => {
    const x = tf.ones(shape);
    const alpha = tf.scalar(0.7);
    const [dx, dalpha] = tf.grads((x, alpha) => dynActivation(x!, alpha!, 0.2))([x, alpha]);
    expect(dx!.shape).toEqual(shape);
    const silu = 1 / (1 + Math.exp(-1));
    expect((await dalpha!.data())[0]).toBeCloseTo(x.size * silu, 4);
    tf.dispose([x, alpha, dx!, dalpha!]);
  });
}
