import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import type { GraphCapture } from '../src/runtime/devices/device.ts';
import { devices } from '../src/runtime/devices/index.ts';
import { onnxRuntime } from '../src/runtime/library.ts';
import { NativeSession } from '../src/runtime/native.ts';
import { loadKoffi } from '../src/runtime/native-files.cjs';
import { collectGarbage } from './support/collected.ts';
import { operatorsInJavaScript } from './support/fused-in-javascript.ts';
import { random, useBackend } from './support/reference.ts';

/** Main memory as ONNX Runtime allocates it stands for a GPU's: the calls are the same. */
function keepOnDevice(elements: number): void {
  Object.assign(devices.cpu, { residentElements: elements });
}

/** Lets runs be captured, where a graph that was captured runs the session again with the addresses of that time, as a GPU's does. */
function capture(graphs: GraphCapture | undefined): void {
  Object.assign(devices.cpu, { capture: graphs, operators: undefined });
}

const staged = new Set<object>();
const graphs: GraphCapture = {
  stage(length) {
    const [bytes, device] = [new Uint8Array(length), new Uint8Array(length)];
    const upload = () => device.set(bytes);
    const download = () => bytes.set(device);
    const memory = { bytes, address: loadKoffi().address(device), upload, download, free: () => staged.delete(memory) };
    staged.add(memory);
    return memory;
  },
  record: vi.fn((launch: () => void) => ({ launch, release: () => {} })),
  isDone: vi.fn().mockImplementation(() => vi.mocked(graphs.isDone).mock.calls.length % 3 === 0),
  wait: () => {},
};

/** Functions that were compiled: what they hold is released with the backend, unless they were collected before. */
const compiled: unknown[] = [];

afterEach(() => {
  // Captured runs would else hold memory until they are collected, in the middle of another test.
  tf.engine().backend.dispose();
  compiled.length = 0;
  keepOnDevice(Number.POSITIVE_INFINITY);
  capture(undefined);
  vi.restoreAllMocks();
  vi.clearAllMocks();
});

/** Trains for some steps: weights, a slot of the optimizer, a captured table, results that pass through. */
async function train() {
  await collectGarbage();
  await useBackend();
  const backend = tf.backend() as OnnxRuntimeBackend;
  const table = random([32, 16], -0.1, 0.1);
  const weights = tf.variable(random([16, 32]));
  const scale = tf.variable(tf.scalar(1.5));
  const slot = tf.variable(tf.zeros([16, 32]));
  const step = compile((x: tf.Tensor2D, rate: tf.Scalar) => {
    const { value, grads } = tf.variableGrads(
      () => tf.mean(tf.square(tf.matMul(tf.matMul(x, weights as tf.Tensor2D), table as tf.Tensor2D))) as tf.Scalar,
      [weights],
    );
    slot.assign(tf.add(tf.mul(slot, 0.9), grads[weights.name]!));
    weights.assign(tf.sub(weights, tf.mul(slot, tf.mul(rate, scale))));
    scale.assign(tf.mul(scale, 0.99));
    return { value, table };
  });
  compiled.push(step);
  const losses: number[] = [];
  const living: number[] = [];
  for (let index = 0; index < 20; index++) {
    const x = random([4, 16]);
    const rate = tf.scalar(0.01 / (index + 1));
    const results = step(x as tf.Tensor2D, rate);
    losses.push((await results.value.data())[0]!);
    if (index === 19) losses.push(...results.table.dataSync());
    tf.dispose([x, rate, results.value, results.table]);
    living.push(onnxRuntime().living.Value);
    if (index === 8) weights.assign(tf.tidy(() => tf.mul(weights, 0.5)));
  }
  const places = [weights, slot].map((variable) => backend.location(variable));
  const values = [...losses, ...weights.dataSync(), ...slot.dataSync(), ...scale.dataSync()];
  tf.dispose([table, weights, slot, scale]);
  return { places, living, values };
}

test('variables stay in device memory, whose elements are those of main memory, and it does not grow', async () => {
  const onHost = await train();
  expect(onHost.places).toEqual(['cpu', 'cpu']);
  keepOnDevice(64);
  const onDevice = await train();
  expect(onDevice.places).toEqual(['device', 'device']);
  expect(onDevice.values).toEqual(onHost.values);
  expect(onDevice.living[7]).toBe(onDevice.living[3]);
  expect(onDevice.living[19]).toBe(onDevice.living[12]);
});

test('a variable that a function only reads goes there once, and again when JavaScript writes it', async () => {
  await useBackend();
  keepOnDevice(64);
  const backend = tf.backend() as OnnxRuntimeBackend;
  const weights = tf.variable(random([16, 32]));
  const [clone, elements] = [weights.clone(), weights.dataSync()];
  const sum = compile((x: tf.Scalar) => tf.sum(tf.mul(weights, x)));
  compiled.push(sum);
  const two = tf.scalar(2);
  const call = () => tf.tidy(() => sum(two).dataSync()[0]!);
  const first = call();
  expect(first).toBeCloseTo(2 * [...elements].reduce((total, x) => total + x, 0), 4);
  expect(backend.location(weights)).toBe('device');
  expect([...weights.dataSync(), ...clone.dataSync()]).toEqual([...elements, ...elements]);
  const { Value } = onnxRuntime().living;
  expect([call(), call()]).toEqual([first, first]);
  expect(onnxRuntime().living.Value).toBe(Value);
  weights.assign(tf.tensor2d(new Float32Array(512).fill(3), [16, 32]));
  expect([backend.location(weights), call(), backend.location(weights)]).toEqual(['cpu', 3072, 'device']);
  expect([...clone.dataSync()]).toEqual([...elements]);
  tf.dispose([weights, clone, two]);
});

test('a variable that was moved can be taken back, is left where it only passes through, and is freed with the variable', async () => {
  await collectGarbage();
  await useBackend();
  keepOnDevice(64);
  const backend = tf.backend() as OnnxRuntimeBackend;
  const before = onnxRuntime().living.Value;
  const filled = (value: number) => tf.tensor1d(new Float32Array(256).fill(value));
  const [x, two, variable, other] = [filled(5), tf.scalar(2), tf.variable(filled(1)), tf.variable(filled(7))];
  const set = compile((x: tf.Tensor1D) => {
    variable.assign(x);
    return tf.sum(x);
  });
  const read = compile((x: tf.Scalar) => ({ sum: tf.sum(tf.mul(variable, x)), other }));
  compiled.push(set, read);
  for (const value of [1, 5]) {
    const given = filled(value);
    tf.dispose([set(given), given]);
  }
  const { sum, other: same } = read(two);
  expect([sum.dataSync()[0], backend.location(variable)]).toEqual([2560, 'device']);
  expect([same.dataSync()[0], backend.location(other)]).toEqual([7, 'cpu']);
  set.undo?.([variable]);
  expect([...variable.dataSync()]).toEqual(Array.from({ length: 256 }, () => 1));
  tf.dispose([read(two), sum, same]);
  expect(onnxRuntime().living.Value).toBe((before ?? 0) + 1);
  tf.dispose([x, two, variable, other]);
  backend.flush();
  expect(onnxRuntime().living.Value).toBe(before);
});

describe('runs that are captured', () => {
  test('take turns between as many graphs as there are sets of addresses, and compute the same', async () => {
    const expected = await train();
    keepOnDevice(64);
    capture(graphs);
    const plain = vi.spyOn(NativeSession.prototype, 'prepare');
    const { values, living } = await train();
    expect(values).toEqual(expected.values);
    // Two sets of variables, each captured when it is seen again; one that is assigned from outside makes a third, for one call.
    expect(graphs.record).toHaveBeenCalledTimes(2);
    expect(plain.mock.calls.filter(([inputs]) => inputs.length > 3)).toHaveLength(3);
    expect(living[8]).toBe(living[6]);
    expect(living[19]).toBe(living[18]);
    expect((tf.backend() as OnnxRuntimeBackend).statistics.captured).toBe(17);
    expect(staged.size).toBe(4);
    (tf.backend() as OnnxRuntimeBackend).dispose();
    expect(staged.size).toBe(0);
  });

  test('go on operator by operator where there is no memory to copy through', async () => {
    const expected = await train();
    keepOnDevice(64);
    const stage = vi
      .fn(graphs.stage)
      .mockImplementationOnce(graphs.stage)
      .mockImplementation(() => {
        throw new Error('out of memory');
      });
    capture({ ...graphs, stage });
    const { values } = await train();
    expect(values).toEqual(expected.values);
    expect(stage).toHaveBeenCalledTimes(2);
    expect(staged.size).toBe(0);
  });

  test('go on operator by operator where they cannot be captured', async () => {
    const expected = await train();
    keepOnDevice(64);
    const refuse = vi.fn(() => {
      throw new Error('operation not permitted when stream is capturing');
    });
    capture({ ...graphs, record: refuse });
    const { values } = await train();
    expect(values).toEqual(expected.values);
    expect(refuse).toHaveBeenCalled();
  });

  /** Joins and cuts, with the lists that a captured graph must not hold: of unequal tensors, and of many. */
  const lists: Readonly<Record<string, (x: tf.Tensor2D, y: tf.Tensor2D) => tf.Tensor>> = {
    'unequal tensors joined': (x, y) => tf.mul(tf.concat([tf.add(x, 1), y], 1), 2),
    'a tensor cut unequally': (x) => {
      const [a, b] = tf.split(x, [5, 27], 1) as [tf.Tensor, tf.Tensor];
      return tf.add(tf.sum(tf.exp(a), 1, true), tf.mul(b, 2));
    },
    'a tensor cut into many': (x) =>
      tf.addN(tf.split(tf.reshape(x, [64, 8]), 64).map((row, index) => tf.mul(row, index / 64))),
    'many tensors joined': (x) => tf.concat(Array.from({ length: 40 }, (_, index) => tf.mul(x, index))),
  };

  test.each(Object.entries(lists))('have no list in main memory: %s', async (_, fn) => {
    await useBackend();
    const inputs = [random([16, 32]), random([16, 7])] as [tf.Tensor2D, tf.Tensor2D];
    const expected = [...fn(...inputs).dataSync()];
    keepOnDevice(64);
    capture(graphs);
    Object.assign(devices.cpu, { operators: operatorsInJavaScript });
    await useBackend();
    const replayed = compile(fn);
    compiled.push(replayed);
    for (let run = 0; run < 6; run++) {
      const result = replayed(...inputs);
      for (const [place, value] of [...result.dataSync()].entries()) expect(value).toBeCloseTo(expected[place]!, 4);
      result.dispose();
    }
    expect((tf.backend() as OnnxRuntimeBackend).statistics.captured).toBeGreaterThan(0);
    tf.dispose(inputs);
  });

  test('are none where unequal tensors are joined and no kernel of ours can be made', async () => {
    keepOnDevice(64);
    capture(graphs);
    const warning = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const operators = () => {
      throw new Error('the compiler is missing');
    };
    Object.assign(devices.cpu, { operators });
    await useBackend();
    const join = compile((x: tf.Tensor2D, y: tf.Tensor2D) => tf.concat([x, y], 1));
    compiled.push(join);
    const [x, y] = [random([16, 32]), random([16, 7])];
    for (let run = 0; run < 6; run++) {
      const [result, expected] = [join(x as tf.Tensor2D, y as tf.Tensor2D), tf.concat([x, y], 1)];
      expect([...result.dataSync()]).toEqual([...expected.dataSync()]);
      tf.dispose([result, expected]);
    }
    expect((tf.backend() as OnnxRuntimeBackend).statistics.captured).toBe(0);
    expect(warning).toHaveBeenCalledOnce();
    tf.dispose([x, y]);
  });
});
