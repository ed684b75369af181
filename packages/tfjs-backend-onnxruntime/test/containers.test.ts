import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, InputError } from '../src/index.ts';
import { useBackend } from './support/reference.ts';

beforeEach(async () => {
  await useBackend();
});

const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

interface Batch {
  readonly inputs: tf.Tensor;
  readonly masks: readonly tf.Tensor[];
}

/** A function that counts how often its code runs. */
function counted<F extends (...inputs: never[]) => unknown>(fn: F): { compiled: F; traces: () => number } {
  let traces = 0;
  const wrapped = ((...inputs: never[]) => {
    traces++;
    return fn(...inputs);
  }) as F;
  return { compiled: compile(wrapped), traces: () => traces };
}

describe('arguments of a compiled function', () => {
  const step = ({ inputs, masks }: Batch, { rate, shift }: { rate: tf.Tensor; shift?: tf.Tensor | undefined }) => {
    const masked = masks.reduce((x, mask) => tf.mul(x, mask), inputs);
    const scaled = tf.mul(masked, rate);
    return { sum: tf.sum(scaled), rows: [shift ? tf.add(scaled, shift) : scaled, rate] as const };
  };

  test('are nested objects and arrays of tensors, whose elements change without another trace', () => {
    const { compiled, traces } = counted(step);
    for (const value of [1, 2, 3]) {
      const batch = { inputs: tf.tensor1d([value, 10]), masks: [tf.tensor1d([1, 0]), tf.tensor1d([2, 2])] };
      const { sum, rows } = compiled(batch, { rate: tf.scalar(value) });
      expect(numbers(sum)).toEqual([2 * value * value]);
      expect(rows.map(numbers)).toEqual([[2 * value * value, 0], [value]]);
    }
    expect(traces()).toBe(1);
  });

  test('record again for another structure, shape or type, and find the first again', () => {
    const { compiled, traces } = counted(step);
    const [x, one] = [tf.tensor1d([3]), tf.scalar(1)];
    const rowOf = (batch: Batch, scalars: { rate: tf.Tensor; shift?: tf.Tensor | undefined }) =>
      numbers(compiled(batch, scalars).rows[0]);
    expect(rowOf({ inputs: x, masks: [] }, { rate: one })).toEqual([3]);
    expect(rowOf({ inputs: x, masks: [x] }, { rate: one })).toEqual([9]);
    expect(rowOf({ inputs: x, masks: [] }, { rate: one, shift: x })).toEqual([6]);
    expect(rowOf({ inputs: tf.tensor2d([[4]]), masks: [] }, { rate: one })).toEqual([4]);
    expect(rowOf({ inputs: tf.tensor1d([5], 'int32'), masks: [] }, { rate: tf.scalar(1, 'int32') })).toEqual([5]);
    expect(traces()).toBe(5);
    expect(rowOf({ inputs: tf.tensor1d([7]), masks: [tf.tensor1d([2])] }, { rate: one })).toEqual([14]);
    expect(rowOf({ inputs: tf.tensor1d([8]), masks: [] }, { rate: one, shift: undefined })).toEqual([8]);
    // A field that is there without a tensor is another structure than one that is not there.
    expect(traces()).toBe(6);
  });

  test('tell containers apart whose tensors are the same in another place', () => {
    const { compiled } = counted((tree: { a: tf.Tensor[]; b: tf.Tensor[] }) => tf.stack([...tree.b, ...tree.a]));
    const [x, y, z] = [tf.scalar(1), tf.scalar(2), tf.scalar(3)];
    expect(numbers(compiled({ a: [x, y], b: [z] }))).toEqual([3, 1, 2]);
    expect(numbers(compiled({ a: [x], b: [y, z] }))).toEqual([2, 3, 1]);
    expect(numbers(compiled({ b: [x], a: [y, z] }))).toEqual([1, 2, 3]);
  });

  test('may hold one tensor twice, and a variable', () => {
    const v = tf.variable(tf.scalar(2));
    const f = compile(({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => tf.sub(tf.mul(a, 10), b));
    expect(numbers(f({ a: v, b: v }))).toEqual([18]);
    v.assign(tf.scalar(3));
    expect(numbers(f({ a: v, b: v }))).toEqual([27]);
    expect(numbers(f({ a: tf.scalar(1), b: v }))).toEqual([7]);
    v.dispose();
  });

  test('are refused by their path where they are no tensors', () => {
    const f = compile((tree: object) => tf.scalar(Object.keys(tree).length));
    const disposed = tf.scalar(1);
    disposed.dispose();
    const refusals: [object, string][] = [
      [{ rate: 0.1 }, 'compile: argument 1.rate is not a tensor'],
      [{ batch: { masks: [tf.scalar(1), null] } }, 'compile: argument 1.batch.masks[1] is not a tensor'],
      [[new Map()], 'compile: argument 1[0] is not a tensor'],
      [{ x: [disposed] }, 'compile: argument 1.x[0] is a tensor that is disposed'],
      [{ x: tf.tensor1d(['a']) }, 'compile: argument 1.x is a string tensor'],
    ];
    for (const [tree, message] of refusals) {
      expect(() => f(tree)).toThrow(InputError);
      expect(() => f(tree)).toThrow(message);
    }
  });

  test('stay the arguments on another backend', async () => {
    await tf.setBackend('cpu');
    const tree = { x: tf.scalar(4) };
    expect(compile((given: typeof tree) => given)(tree)).toBe(tree);
  });
});
