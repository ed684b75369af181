import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { fitSizes, sizeText } from '../src/export/size-expression.ts';
import { InputError, registerOnnxRuntimeBackend, toOnnx } from '../src/index.ts';

beforeAll(async () => {
  registerOnnxRuntimeBackend({ threads: 1 });
  await tf.setBackend('onnxruntime');
});

describe('sizes that follow from other sizes', () => {
  const sizes = [
    { a: 11, b: 5, c: 7 },
    { a: 13, b: 5, c: 7 },
    { a: 11, b: 6, c: 7 },
    { a: 11, b: 5, c: 8 },
    { a: 13, b: 6, c: 8 },
  ];
  test.each([
    ['7', () => 7],
    ['a', ({ a }) => a],
    ['b + c', ({ b, c }) => b + c],
    ['4 * a * b', ({ a, b }) => 4 * a * b],
    ['2 * a * (b + c)', ({ a, b, c }) => 2 * a * (b + c)],
    ['a * b * (b + c)', ({ a, b, c }) => a * b * (b + c)],
  ] as [string, (s: (typeof sizes)[number]) => number][])('%s', (text, at) => {
    expect(sizeText(fitSizes(sizes.map(at), sizes)!)).toBe(text);
  });

  test('what is neither a product nor a sum of two is not guessed', () => {
    expect(
      fitSizes(
        sizes.map(({ a }) => a * a),
        sizes,
      ),
    ).toBeUndefined();
    expect(
      fitSizes(
        sizes.map(({ a }) => a + 1),
        sizes,
      ),
    ).toBeUndefined();
  });
});

const rows = { x: { dtype: 'float32' as const, shape: ['rows', 4] } };

test('a function of rows runs at any number of them, with the variables it used', async () => {
  const weight = tf.variable(tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]));
  const model = toOnnx(
    ({ x }) => {
      const [count] = x!.shape as [number, number];
      const product = tf.matMul(x as tf.Tensor2D, weight);
      const turned = tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, false, true);
      return { flat: tf.reshape(product, [2 * count]), turned, first: tf.slice(product, [0, 0], [count, 1]) };
    },
    rows,
    { rows: [61, 67] },
  );
  weight.assign(tf.zeros([4, 2]));
  const session = await ort.InferenceSession.create(model);
  for (const count of [1, 3]) {
    const x = Float32Array.from({ length: 4 * count }, (_, index) => index % 5);
    const results = await session.run({ x: new ort.Tensor('float32', x, [count, 4]) });
    const product = [...Array(count).keys()].flatMap((row) =>
      [0, 1].map((column) => [0, 1, 2, 3].reduce((sum, k) => sum + x[4 * row + k]! * (2 * k + column + 1), 0)),
    );
    expect(results.flat!.dims).toEqual([2 * count]);
    expect([...(results.flat!.data as Float32Array)]).toEqual(product);
    expect([...(results.first!.data as Float32Array)]).toEqual(product.filter((_, index) => index % 2 === 0));
    expect(results.turned!.dims).toEqual([count, count]);
  }
  expect(new TextDecoder('latin1').decode(model)).not.toContain('FusedMatMul');
  weight.dispose();
});

test('nothing is left behind, and the graph that was pending is not touched', async () => {
  const pending = tf.add(tf.tensor1d([1, 2]), 1);
  const before = tf.memory().numTensors;
  toOnnx(({ x }) => ({ y: tf.exp(x!) }), rows, { rows: [61, 67] });
  expect(tf.memory().numTensors).toBe(before);
  expect([...pending.dataSync()]).toEqual([2, 3]);
});

describe('refused in one line', () => {
  const sizes = { rows: [61, 67] as const };
  test.each([
    [
      'a tensor of its own size',
      () =>
        toOnnx(
          ({ x }) => ({ y: tf.add(x!, tf.tensor2d(new Float32Array(4 * x!.shape[0]!), [x!.shape[0]!, 4])) }),
          rows,
          sizes,
        ),
      /depends on the sizes/,
    ],
    [
      'other operators at other sizes',
      () => toOnnx(({ x }) => ({ y: x!.shape[0] === 61 ? tf.exp(x!) : tf.log(x!) }), rows, sizes),
      /Exp.* or Log/,
    ],
    [
      'a read',
      () => toOnnx(({ x }) => ({ y: tf.mul(x!, tf.exp(x!).dataSync()[0]!) }), rows, sizes),
      /reads the elements/,
    ],
    ['an output that is an input', () => toOnnx(({ x }) => ({ y: x! }), rows, sizes), /output y is not computed/],
    ['an axis without sizes', () => toOnnx(({ x }) => ({ y: tf.exp(x!) }), rows), /two example sizes for axis rows/],
  ])('%s', (_, attempt, message) => {
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(message);
  });
});

test('an int64 input comes to the function as int32, and a limit on sizes stops the file in one line', async () => {
  const ids = { dtype: 'int64' as const, shape: ['batch', 'time'] };
  const limit = { sizes: ['batch', 'time'], most: 5, name: 'batch_and_time_are_more_than_5' };
  const table = tf.tensor1d([10, 20, 30]);
  const model = toOnnx(
    ({ x }) => {
      expect(x!.dtype).toBe('int32');
      return { y: tf.gather(table, x as tf.Tensor1D) };
    },
    { x: { ...ids, limit } },
    { batch: [61, 67], time: [71, 73] },
  );
  const session = await ort.InferenceSession.create(model);
  const run = (rows: number[][]) =>
    session.run({
      x: new ort.Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length]),
    });
  expect(
    (
      await run([
        [2, 0, 1],
        [1, 1, 1],
      ])
    ).y!.data,
  ).toEqual(Float32Array.of(30, 10, 20, 20, 20, 20));
  await expect(
    run([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]),
  ).rejects.toThrow(/^[^\n]*batch_and_time_are_more_than_5[^\n]*$/);
});
