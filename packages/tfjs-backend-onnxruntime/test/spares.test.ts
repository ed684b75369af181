import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { collectGarbage } from './support/collected.ts';
import { random, useBackend } from './support/reference.ts';

/** 512 KiB: results of a graph this large are written into earlier ones. */
const size = 1 << 17;

let backend: OnnxRuntimeBackend;
const disposed: tf.Tensor[] = [];
beforeEach(async () => {
  tf.dispose(disposed.splice(0));
  backend = await useBackend();
});

function variable(start = 0, shape = [size]): tf.Variable {
  const made = tf.tidy(() => tf.variable(tf.fill(shape, start)));
  disposed.push(made);
  return made;
}

/** Array of a tensor's elements. Asking does not count as having seen them. */
const arrayOf = (tensor: tf.Tensor) => {
  const value = backend.borrowedValue(tensor.dataId);
  return value.kind === 'leaf' && value.tensor.location === 'cpu' ? value.tensor.data : undefined;
};
/** The element at both ends: every element of these tensors is the same. */
const ends = (tensor: tf.Tensor) => {
  const elements = tensor.dataSync();
  return [elements[0], elements.at(-1)];
};
const increments = (counter: tf.Variable) =>
  compile((by: tf.Tensor) => {
    counter.assign(tf.add(counter, by));
    return tf.sum(counter.slice([0], [2]));
  });

function call(fn: (by: tf.Tensor) => tf.Tensor, by = 1): number {
  const input = tf.scalar(by);
  const result = fn(input);
  const [value] = result.dataSync();
  tf.dispose([input, result]);
  return value as number;
}

describe('results of compiled functions', () => {
  test('take turns in two arrays', () => {
    const counter = variable();
    const step = increments(counter);
    const arrays: unknown[] = [];
    for (let turn = 1; turn <= 8; turn++) {
      expect(call(step)).toBe(2 * turn);
      arrays.push(arrayOf(counter));
    }
    expect(new Set(arrays.slice(2)).size).toBe(2);
    expect(arrays.at(-1) === arrays.at(-3)).toBe(true);
    expect(ends(counter)).toEqual([8, 8]);
  });

  test('of small graphs are new arrays', () => {
    const counter = variable(0, [100]);
    const step = increments(counter);
    const arrays = Array.from({ length: 6 }, () => [call(step), arrayOf(counter)][1]);
    expect(new Set(arrays).size).toBe(6);
  });

  test('stay with the backend that made them: another device cannot read its memory', async () => {
    const double = compile((x: tf.Tensor) => tf.mul(x, 2));
    const twice = () => tf.tidy(() => tf.keep(double(tf.ones([size]))));
    twice().dispose();
    const old = twice();
    const memory = arrayOf(old);
    expect(memory).toBeDefined();
    backend = await useBackend();
    old.dispose();
    for (let turn = 0; turn < 3; turn++) {
      const result = twice();
      expect(arrayOf(result) === memory).toBe(false);
      expect(ends(result)).toEqual([2, 2]);
      result.dispose();
    }
  });

  test('leave an array alone that was handed out', () => {
    const counter = variable();
    const step = increments(counter);
    for (let turn = 0; turn < 4; turn++) call(step);
    const read = counter.dataSync();
    for (let turn = 0; turn < 4; turn++) call(step);
    expect([read[0], read.at(-1)]).toEqual([4, 4]);
    expect(ends(counter)).toEqual([8, 8]);
  });

  test('leave clones and reshaped tensors alone', () => {
    const counter = variable();
    const step = increments(counter);
    for (let turn = 0; turn < 3; turn++) call(step);
    const clone = tf.clone(counter);
    call(step);
    const reshaped = tf.reshape(counter, [2, size / 2]);
    for (let turn = 0; turn < 4; turn++) call(step);
    expect(ends(clone)).toEqual([3, 3]);
    expect(ends(reshaped)).toEqual([4, 4]);
    tf.dispose([clone, reshaped]);
  });

  test('leave what a pending tensor still reads', () => {
    const counter = variable();
    const step = increments(counter);
    for (let turn = 0; turn < 3; turn++) call(step);
    const doubled = tf.mul(counter, 2);
    const input = tf.scalar(1);
    // Nothing is read between the calls: the product stays pending.
    const results = Array.from({ length: 4 }, () => step(input));
    expect(ends(doubled)).toEqual([6, 6]);
    tf.dispose([doubled, input, ...results]);
  });

  test('leave what another variable was assigned', () => {
    const [counter, copy] = [variable(), variable()];
    const step = increments(counter);
    for (let turn = 0; turn < 3; turn++) call(step);
    copy.assign(counter);
    for (let turn = 0; turn < 4; turn++) call(step);
    expect(ends(copy)).toEqual([3, 3]);
    expect(ends(counter)).toEqual([7, 7]);
  });

  test('leave old elements that a call passed through', () => {
    const counter = variable();
    const step = compile((by: tf.Tensor) => {
      const old = tf.clone(counter);
      counter.assign(tf.add(counter, by));
      return old;
    });
    const input = tf.scalar(1);
    const kept = Array.from({ length: 6 }, () => step(input));
    expect(kept.map(ends)).toEqual([0, 1, 2, 3, 4, 5].map((value) => [value, value]));
    tf.dispose([input, ...kept]);
  });

  test('leave what a second function captured', () => {
    const counter = variable();
    const step = increments(counter);
    for (let turn = 0; turn < 3; turn++) call(step);
    const constant = tf.clone(counter);
    const plus = compile((by: tf.Tensor) => tf.slice(tf.add(constant, by), [size - 1], [1]));
    expect(call(plus, 10)).toBe(13);
    constant.dispose();
    for (let turn = 0; turn < 4; turn++) call(step);
    expect(call(plus, 20)).toBe(23);
  });

  test('may be assigned to one variable by functions of several shapes', () => {
    const counter = variable();
    const step = compile((by: tf.Tensor) => {
      counter.assign(tf.add(counter, tf.sum(by)));
      return tf.slice(counter, [size - 1], [1]);
    });
    let expected = 0;
    for (let turn = 0; turn < 9; turn++) {
      const input = tf.ones([(turn % 3) + 1]);
      const result = step(input);
      expected += (turn % 3) + 1;
      expect(result.dataSync()[0]).toBe(expected);
      tf.dispose([input, result]);
    }
  });

  test('that are returned come back when they are disposed, and stay while they are not', () => {
    const fn = compile((by: tf.Tensor) => tf.mul(tf.ones([size]), by));
    const results = [1, 2, 3, 4, 5].map((by) => {
      const input = tf.scalar(by);
      const result = fn(input);
      input.dispose();
      return result;
    });
    const first = arrayOf(results[0] as tf.Tensor);
    expect(results.slice(1).map(ends)).toEqual([2, 3, 4, 5].map((value) => [value, value]));
    tf.dispose(results);
    const input = tf.scalar(6);
    const next = fn(input);
    expect(arrayOf(next) === first).toBe(true);
    expect(ends(next)).toEqual([6, 6]);
    tf.dispose([next, input]);
  });

  test('that are one output of the graph for two variables are not given back by the first', () => {
    const [a, b] = [variable(), variable()];
    const step = compile((by: tf.Tensor) => {
      const sums = [tf.add(a, by), tf.add(a, by)] as const;
      a.assign(sums[0]);
      b.assign(sums[1]);
      return tf.sum(by);
    });
    for (let turn = 0; turn < 3; turn++) call(step);
    const third = tf.clone(b);
    for (let turn = 0; turn < 3; turn++) call(step);
    expect(ends(third)).toEqual([3, 3]);
    expect([ends(a), ends(b)]).toEqual([
      [6, 6],
      [6, 6],
    ]);
    third.dispose();
  });

  test('are the same as without spares after many steps of an optimizer', async () => {
    const losses = async (name: string) => {
      await tf.setBackend(name);
      const weights = tf.tidy(() => tf.variable(random([300, 300], -0.1, 0.1)));
      const optimizer = tf.train.adam(0.01);
      const [x, y] = [random([64, 300], -1, 1, 1), random([64, 300], -1, 1, 2)];
      const step = compile((x: tf.Tensor, y: tf.Tensor) => {
        const loss = () =>
          tf.losses.meanSquaredError(y, tf.matMul(x as tf.Tensor2D, weights as tf.Tensor2D)) as tf.Scalar;
        return optimizer.minimize(loss, true, [weights]) as tf.Scalar;
      });
      const seen: number[] = [];
      for (let turn = 0; turn < 12; turn++) {
        const loss = tf.tidy(() => step(x, y));
        seen.push(loss.dataSync()[0] as number);
        loss.dispose();
      }
      tf.dispose([weights, x, y]);
      optimizer.dispose();
      return seen;
    };
    const expected = await losses('cpu');
    const actual = await losses('onnxruntime');
    for (const [turn, loss] of expected.entries()) expect(actual[turn]).toBeCloseTo(loss, 5);
    expect(expected.at(-1)).toBeLessThan(expected[0] as number);
  });

  test('are no more than one call gave, for however many shapes', () => {
    const counter = variable();
    const step = compile((by: tf.Tensor) => {
      counter.assign(tf.add(counter, tf.sum(by)));
      return tf.mul(tf.ones([by.size, 2, size]), tf.sum(by));
    });
    const arrays = new Set<unknown>();
    for (let turn = 0; turn < 24; turn++) {
      const input = tf.ones([(turn % 4) + 1]);
      const result = step(input);
      if (turn >= 8) arrays.add(arrayOf(counter));
      expect(ends(result)).toEqual([input.size, input.size]);
      tf.dispose([input, result]);
    }
    expect(arrays.size).toBe(2);
    expect(ends(counter)).toEqual([60, 60]);
  });

  test('stay right after a call that failed', () => {
    const counter = variable();
    const step = compile((by: tf.Tensor) => {
      counter.assign(tf.add(counter, tf.gather(tf.tensor1d([1, 2]), by)));
      return tf.sum(counter.slice([0], [1]));
    });
    const at = (index: number) => {
      const input = tf.scalar(index, 'int32');
      const result = step(input);
      const [value] = result.dataSync();
      tf.dispose([input, result]);
      return value;
    };
    for (let turn = 1; turn <= 4; turn++) expect(at(0)).toBe(turn);
    const clone = tf.clone(counter);
    expect(() => at(9)).toThrow(/GatherV2/);
    expect(ends(counter)).toEqual([4, 4]);
    for (let turn = 1; turn <= 4; turn++) expect(at(1)).toBe(4 + 2 * turn);
    expect(ends(clone)).toEqual([4, 4]);
    clone.dispose();
  });

  test('of other types and shapes are right, too', () => {
    const fn = compile((x: tf.Tensor) => ({
      integers: tf.cast(tf.mul(tf.ones([size]), x), 'int32'),
      flags: tf.greater(tf.mul(tf.ones([size]), x), 2),
      scalar: tf.mul(x, 2),
      matrix: tf.reshape(tf.mul(tf.ones([size]), x), [2, size / 2]),
    }));
    for (let turn = 0; turn < 5; turn++) {
      const input = tf.scalar(turn);
      const { integers, flags, scalar, matrix } = fn(input) as Record<string, tf.Tensor> as {
        [name in 'integers' | 'flags' | 'scalar' | 'matrix']: tf.Tensor;
      };
      expect(ends(integers)).toEqual([turn, turn]);
      expect(ends(flags)).toEqual(turn > 2 ? [1, 1] : [0, 0]);
      expect(scalar.dataSync()[0]).toBe(2 * turn);
      expect(ends(matrix)).toEqual([turn, turn]);
      tf.dispose([input, integers, flags, scalar, matrix]);
    }
  });

  test('may swap between variables, and go through further calls as inputs', () => {
    const [a, b] = [variable(1), variable(2)];
    const swap = compile((by: tf.Tensor) => {
      const [oldA, oldB] = [tf.clone(a), tf.add(b, by)];
      a.assign(oldB);
      b.assign(oldA);
      return tf.mul(a, 1);
    });
    const pass = compile((x: tf.Tensor) => [x, tf.add(x, 1)]);
    const kept: tf.Tensor[][] = [];
    for (let turn = 0; turn < 6; turn++) {
      const input = tf.scalar(1);
      const swapped = swap(input);
      kept.push(pass(swapped));
      tf.dispose([input, swapped]);
    }
    expect(kept.map(([same]) => ends(same as tf.Tensor)[0])).toEqual([3, 2, 4, 3, 5, 4]);
    expect(kept.map(([, next]) => ends(next as tf.Tensor)[1])).toEqual([4, 3, 5, 4, 6, 5]);
    expect([ends(a), ends(b)]).toEqual([
      [4, 4],
      [5, 5],
    ]);
    tf.dispose(kept);
  });

  test('outlive a move to another backend and other options', async () => {
    const counter = variable();
    const step = increments(counter);
    for (let turn = 0; turn < 4; turn++) call(step);
    const clone = tf.clone(counter);
    await tf.setBackend('cpu');
    expect(ends(tf.tidy(() => tf.add(counter, 1)))).toEqual([5, 5]);
    await tf.setBackend('onnxruntime');
    for (let turn = 0; turn < 4; turn++) call(step);
    await useBackend({ graphs: 1 });
    for (let turn = 0; turn < 4; turn++) call(step);
    expect(ends(clone)).toEqual([4, 4]);
    expect(ends(counter)).toEqual([12, 12]);
    clone.dispose();
  });

  test('go with the function, once nobody has it', async () => {
    const collected = () => {
      const counter = tf.tidy(() => tf.variable(tf.zeros([size])));
      const step = increments(counter);
      for (let turn = 0; turn < 3; turn++) call(step);
      counter.dispose();
      return new WeakRef(counter);
    };
    const counter = collected();
    await collectGarbage();
    // The graph that assigns it is the last that knows the variable.
    expect(counter.deref()).toBeUndefined();
  });
});
