import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { compile, InputError, type OnnxRuntimeBackend } from '../src/index.ts';
import { random, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe('compile', () => {
  test('gives what the function gives, for new values without compiling or tracing again', () => {
    let traces = 0;
    const f = (x: tf.Tensor, rate: tf.Tensor) => {
      traces++;
      return tf.add(tf.mul(tf.sigmoid(x), rate), 0.25);
    };
    const fast = compile(f);
    fast(random([3, 4]), tf.scalar(1)).dispose();
    const { compiled } = backend.statistics;
    for (let seed = 1; seed < 5; seed++) {
      const inputs = [random([3, 4], -2, 2, seed), tf.scalar(seed)] as const;
      expect(numbers(fast(...inputs))).toEqual(numbers(f(...inputs)));
    }
    expect(traces).toBe(1 + 4);
    // One more: the plain function, whose graph takes 0.25 as an input.
    expect(backend.statistics.compiled).toBe(compiled + 1);
  });

  test('compiles again for other shapes and types', () => {
    let traces = 0;
    const fast = compile((x: tf.Tensor) => {
      traces++;
      return tf.add(x, x);
    });
    expect(numbers(fast(tf.tensor1d([1, 2])))).toEqual([2, 4]);
    expect(numbers(fast(tf.tensor1d([1, 2, 3])))).toEqual([2, 4, 6]);
    expect(numbers(fast(tf.tensor1d([1, 2], 'int32')))).toEqual([2, 4]);
    expect(numbers(fast(tf.tensor2d([[5, 6]])))).toEqual([10, 12]);
    expect(numbers(fast(tf.tensor1d([7, 8])))).toEqual([14, 16]);
    expect(traces).toBe(4);
  });

  test('keeps the structure of the result, also for inputs and variables passed through', () => {
    const v = tf.variable(tf.tensor1d([1, 2]));
    const fast = compile((x: tf.Tensor) => ({
      list: [x, tf.neg(x)],
      state: v,
      nested: { count: 3, square: tf.square(x) },
    }));
    for (const value of [2, 5]) {
      v.assign(tf.tensor1d([value, value]));
      const x = tf.scalar(value);
      const result = fast(x) as unknown as {
        list: [tf.Tensor, tf.Tensor];
        state: tf.Tensor;
        nested: { count: number; square: tf.Tensor };
      };
      expect(result.nested.count).toBe(3);
      expect(numbers(result.list[0])).toEqual([value]);
      expect(numbers(result.list[1])).toEqual([-value]);
      expect(numbers(result.state)).toEqual([value, value]);
      expect(numbers(result.nested.square)).toEqual([value * value]);
      tf.dispose(result as unknown as tf.TensorContainer);
      expect(numbers(x)).toEqual([value]);
      expect(numbers(v)).toEqual([value, value]);
    }
    v.dispose();
  });

  test('trains as the plain function does, bit for bit, and leaks nothing', () => {
    const losses = (wrap: typeof compile) => {
      const w = tf.variable(random([4, 4]));
      const momentum = tf.variable(tf.zerosLike(w));
      const step = wrap((x: tf.Tensor, rate: tf.Tensor) => {
        const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(tf.sub(tf.matMul(x, w), 1))), [w]);
        momentum.assign(tf.add(tf.mul(momentum, 0.9), grads[w.name] as tf.Tensor));
        w.assign(tf.sub(w, tf.mul(momentum, rate)));
        return value;
      });
      const seen: number[] = [];
      let live = 0;
      for (let i = 0; i < 8; i++) {
        seen.push(tf.tidy(() => step(random([5, 4], -1, 1, i + 1), tf.scalar(0.1 / (i + 1))).dataSync()[0] as number));
        if (i === 1) live = tf.memory().numTensors;
      }
      expect(tf.memory().numTensors).toBe(live);
      seen.push(...numbers(w), ...numbers(momentum));
      tf.dispose([w, momentum]);
      return seen;
    };
    expect(losses(compile)).toEqual(losses((f) => f));
  });

  test('works with optimizers, which make variables at their first step', () => {
    const run = (wrap: typeof compile) => {
      const w = tf.variable(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
      );
      const optimizer = tf.train.adam(0.1);
      const step = wrap(
        (x: tf.Tensor) => optimizer.minimize(() => tf.mean(tf.square(tf.matMul(x, w))), true, [w]) as tf.Scalar,
      );
      const seen = [1, 2, 3, 4, 5].map((seed) => tf.tidy(() => step(random([3, 2], -1, 1, seed)).dataSync()[0]));
      w.dispose();
      optimizer.dispose();
      return seen;
    };
    const expected = run((f) => f);
    for (const [index, loss] of run(compile).entries()) expect(loss).toBeCloseTo(expected[index] as number, 5);
  });

  test('tells variables apart that started from one tensor', () => {
    const start = tf.zeros([2]);
    const [a, b] = [tf.variable(start), tf.variable(start)];
    const step = compile((x: tf.Tensor) => {
      a.assign(tf.add(a, x));
      b.assign(tf.sub(b, tf.mul(x, 2)));
      return tf.add(a, b);
    });
    for (let i = 0; i < 3; i++) tf.dispose(step(tf.scalar(1)));
    expect(numbers(a)).toEqual([3, 3]);
    expect(numbers(b)).toEqual([-6, -6]);
    expect(numbers(start)).toEqual([0, 0]);
    tf.dispose([a, b]);
  });

  test('sees what others assign between calls', () => {
    const v = tf.variable(tf.scalar(1));
    const f = compile((x: tf.Tensor) => tf.mul(x, v));
    expect(numbers(f(tf.scalar(2)))).toEqual([2]);
    v.assign(tf.add(v, 10));
    expect(numbers(f(tf.scalar(2)))).toEqual([22]);
    v.dispose();
  });

  test('swaps variables without reading one that was just written', () => {
    const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
    const swap = compile(() => {
      const old = tf.clone(a);
      a.assign(tf.clone(b));
      b.assign(old);
      return tf.add(a, 0);
    });
    tf.dispose(swap());
    expect([numbers(a), numbers(b)]).toEqual([[2], [1]]);
    tf.dispose(swap());
    expect([numbers(a), numbers(b)]).toEqual([[1], [2]]);
    tf.dispose([a, b]);
  });

  test('is differentiable from outside, running the function as it is', () => {
    const f = compile((x: tf.Tensor) => tf.sum(tf.square(x)));
    expect(numbers(tf.grad((x) => f(x) as tf.Scalar)(tf.tensor1d([1, 2])))).toEqual([2, 4]);
  });

  test('is the function itself on another backend', async () => {
    await tf.setBackend('cpu');
    let traces = 0;
    const f = compile((x: tf.Tensor) => {
      traces++;
      return tf.neg(x);
    });
    expect([numbers(f(tf.scalar(1))), numbers(f(tf.scalar(2)))]).toEqual([[-1], [-2]]);
    expect(traces).toBe(2);
  });

  test('refuses functions that read what they compute with, and leaves the backend usable', () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([1, 2]);
    expect(() => compile((a: tf.Tensor) => tf.mul(a, a.dataSync()[0] as number))(x)).toThrow(InputError);
    expect(() => compile((a: tf.Tensor) => tf.unique(a).values)(x)).toThrow(/reads the elements/);
    expect(() => compile((async (a: tf.Tensor) => a) as never as (a: tf.Tensor) => tf.Tensor)(x)).toThrow(
      /asynchronous/,
    );
    expect(numbers(tf.mul(x, 2))).toEqual([2, 4]);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 3);
  });

  test('computes nothing but what the function reads, so that the rest does not become a constant', () => {
    const w = tf.variable(tf.tensor1d([1, 2, 3]));
    const f = compile((x: tf.Tensor) => {
      const scaled = tf.mul(x, w);
      const two = tf.add(tf.tensor1d([1]), 1).dataSync()[0] as number;
      return tf.mul(scaled, two);
    });
    expect([1, 5].map((value) => numbers(f(tf.fill([3], value))))).toEqual([
      [2, 4, 6],
      [10, 20, 30],
    ]);
  });

  test('leaves variables as they were, and no tensors, when it refuses a function or the function throws', () => {
    const state = tf.variable(tf.zeros([2]));
    const x = tf.ones([2]);
    const increase = (a: tf.Tensor) => state.assign(tf.add(state, a) as tf.Tensor1D);
    const { numTensors } = tf.memory();
    const broken: ((a: tf.Tensor) => tf.TensorContainer)[] = [
      () => tf.randomNormal([2]),
      () => tf.scalar(state.dataSync()[0] as number),
      () => tf.tensor1d(['text']),
      () => {
        throw new Error('its own');
      },
    ];
    for (const rest of broken) {
      const f = compile((a: tf.Tensor) => {
        increase(a);
        return rest(a);
      });
      expect(() => f(x)).toThrow(/compile: |its own/);
      expect(numbers(state)).toEqual([0, 0]);
      expect(tf.memory().numTensors).toBe(numTensors);
    }
  });

  test('says which argument it cannot take', () => {
    const f = compile((...tensors: tf.Tensor[]) => tf.addN(tensors));
    const disposed = tf.scalar(1);
    disposed.dispose();
    expect(() => f(tf.scalar(1), 2 as never)).toThrow('compile: argument 2 is not a tensor');
    expect(() => f(disposed)).toThrow('compile: argument 1 is a tensor that is disposed');
    expect(() => f(tf.tensor1d(['a']))).toThrow('compile: argument 1 is a string tensor');
  });

  test('refuses results that it cannot make again', () => {
    class Pair {
      readonly tensor = tf.scalar(1);
    }
    expect(() => compile(() => new Pair() as never)()).toThrow(/object of a class/);
  });

  test('has an output for a result and one for a variable that are equal: on a GPU each releases its memory', () => {
    const compileGraph = vi.spyOn(backend, 'compileGraph');
    const state = tf.variable(tf.zeros([2]));
    const f = compile((x: tf.Tensor) => {
      const next = tf.add(state, x);
      state.assign(next as tf.Tensor1D);
      return next;
    });
    for (const expected of [1, 2, 3]) {
      const result = f(tf.ones([2]));
      expect(numbers(result)).toEqual([expected, expected]);
      result.dispose();
      expect(numbers(state)).toEqual([expected, expected]);
    }
    expect(compileGraph.mock.calls.map(([{ outputs }]) => outputs.length)).toEqual([2]);
  });

  test('refuses functions that draw random numbers, which would repeat, but not seeded ones, which should', () => {
    const x = tf.zeros([2]);
    expect(() => compile((a: tf.Tensor) => tf.add(a, tf.randomNormal([2])))(x)).toThrow(/draws random numbers/);
    expect(() => compile((a: tf.Tensor) => tf.dropout(a, 0.5))(x)).toThrow(InputError);
    const seeded = (a: tf.Tensor) => tf.add(a, tf.randomNormal([2], 0, 1, 'float32', 3));
    const fast = compile(seeded);
    for (let call = 0; call < 2; call++) expect(numbers(fast(x))).toEqual(numbers(seeded(x)));
    expect(typeof Math.random()).toBe('number');
  });

  test('lets the function read what it made itself', () => {
    const f = compile((x: tf.Tensor) => tf.add(x, tf.tensor1d(tf.unique(tf.tensor1d([7, 7])).values.dataSync())));
    expect(numbers(f(tf.scalar(1)))).toEqual([8]);
    expect(numbers(f(tf.scalar(2)))).toEqual([9]);
  });
});
