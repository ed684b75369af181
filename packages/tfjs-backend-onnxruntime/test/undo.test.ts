import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, InputError } from '../src/index.ts';
import { random, useBackend } from './support/reference.ts';

beforeAll(() => useBackend());

describe('a call that is taken back', () => {
  const make = () => {
    const [weights, bias] = [tf.variable(random([64, 64])), tf.variable(tf.scalar(1))];
    const step = compile((x: tf.Scalar) => {
      weights.assign(tf.mul(weights, x));
      bias.assign(tf.add(bias, x));
      return tf.sum(weights);
    });
    return { weights, bias, step };
  };
  const elements = (variable: tf.Variable) => [...variable.dataSync()];

  test('gives variables their old elements, again and again', () => {
    const { weights, bias, step } = make();
    expect(step.canUndo).toBe(false);
    const two = tf.scalar(2);
    for (let turn = 0; turn < 5; turn++) {
      step(two).dispose();
      expect(step.canUndo).toBe(true);
      const [before, other] = [elements(weights), elements(bias)];
      const sum = step(two);
      step.undo?.([weights]);
      expect(elements(weights)).toEqual(before);
      // Only those that were named.
      expect(elements(bias)).toEqual([other[0]! + 2]);
      expect(sum.dataSync()[0]).toBeCloseTo(2 * before.reduce((sum, x) => sum + x, 0), 1);
      sum.dispose();
    }
  });

  test('leaves what was assigned since, and does nothing twice', () => {
    const { weights, bias, step } = make();
    const two = tf.scalar(2);
    step(two).dispose();
    weights.assign(tf.zeros([64, 64]));
    step.undo?.([weights, bias]);
    expect(elements(weights).every((x) => x === 0)).toBe(true);
    expect(elements(bias)).toEqual([1]);
    step.undo?.([weights, bias]);
    expect(elements(bias)).toEqual([1]);
    step(two).dispose();
    expect(elements(bias)).toEqual([3]);
  });

  test('shares elements with a clone that has them', () => {
    const [v, w] = [tf.variable(tf.ones([512, 256])), tf.variable(tf.fill([512, 256], 100))];
    const step = compile((x: tf.Scalar) => {
      v.assign(tf.add(v, x));
      w.assign(tf.sub(w, x));
      return tf.sum(x);
    });
    const one = tf.scalar(1);
    for (let turn = 0; turn < 3; turn++) step(one).dispose();
    const clone = tf.clone(v);
    step(one).dispose();
    step.undo?.([v]);
    clone.dispose();
    for (let turn = 0; turn < 2; turn++) {
      step(one).dispose();
      step.undo?.([v]);
    }
    expect(v.dataSync().every((x) => x === 4)).toBe(true);
  });

  test('is found after another function was recorded', () => {
    const { bias, step } = make();
    step(tf.scalar(2)).dispose();
    step(tf.scalar(2)).dispose();
    compile((x: tf.Scalar) => tf.add(x, bias))(tf.scalar(1)).dispose();
    step.undo?.([bias]);
    expect(elements(bias)).toEqual([3]);
  });

  test('that was computed as it is, because it made a variable, or threw', () => {
    const v = tf.variable(tf.scalar(1));
    const made: tf.Variable[] = [];
    const step = compile((x: tf.Tensor) => {
      if (x.rank === 1) made.push(tf.variable(tf.scalar(0)));
      v.assign(tf.add(v, tf.sum(x)) as tf.Scalar);
      return tf.sum(x);
    });
    step(tf.scalar(1)).dispose();
    expect(step.canUndo).toBe(true);
    step(tf.tensor1d([1])).dispose();
    expect(elements(v)).toEqual([3]);
    step.undo?.([v]);
    expect(elements(v)).toEqual([2]);
    expect(() => step('no tensor' as never)).toThrow(InputError);
    step.undo?.([v]);
    expect(elements(v)).toEqual([2]);
    tf.dispose(made);
  });

  test('is none on another backend', async () => {
    const { step } = make();
    step(tf.scalar(2)).dispose();
    await tf.setBackend('cpu');
    expect(step.canUndo).toBe(false);
    await tf.setBackend('onnxruntime');
  });
});
