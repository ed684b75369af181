import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { devices } from '../src/runtime/devices/index.ts';
import { onnxRuntime } from '../src/runtime/library.ts';
import { random, useBackend } from './support/reference.ts';

/** Main memory as ONNX Runtime allocates it stands for a GPU's: the calls are the same. */
function keepOnDevice(elements: number): void {
  Object.assign(devices.cpu, { residentElements: elements });
}

afterEach(() => keepOnDevice(Number.POSITIVE_INFINITY));

/** Trains for some steps: weights, a slot of the optimizer, a captured table, results that pass through. */
async function train() {
  await useBackend();
  const backend = tf.backend() as OnnxRuntimeBackend;
  const table = random([32, 16], -0.1, 0.1);
  const weights = tf.variable(random([16, 32]));
  const slot = tf.variable(tf.zeros([16, 32]));
  const step = compile((x: tf.Tensor2D, rate: tf.Scalar) => {
    const { value, grads } = tf.variableGrads(
      () => tf.mean(tf.square(tf.matMul(tf.matMul(x, weights as tf.Tensor2D), table as tf.Tensor2D))) as tf.Scalar,
      [weights],
    );
    slot.assign(tf.add(tf.mul(slot, 0.9), grads[weights.name]!));
    weights.assign(tf.sub(weights, tf.mul(slot, rate)));
    return { value, table };
  });
  const losses: number[] = [];
  const living: number[] = [];
  for (let index = 0; index < 12; index++) {
    const x = random([4, 16]);
    const rate = tf.scalar(0.01 / (index + 1));
    const results = step(x as tf.Tensor2D, rate);
    losses.push((await results.value.data())[0]!);
    if (index === 11) losses.push(...results.table.dataSync());
    tf.dispose([x, rate, results.value, results.table]);
    living.push(onnxRuntime().living.Value);
  }
  const places = [weights, slot].map((variable) => backend.location(variable));
  return { places, living, values: [...losses, ...weights.dataSync(), ...slot.dataSync()] };
}

test('variables stay in device memory, whose elements are those of main memory, and it does not grow', async () => {
  const onHost = await train();
  expect(onHost.places).toEqual(['cpu', 'cpu']);
  keepOnDevice(64);
  const onDevice = await train();
  expect(onDevice.places).toEqual(['device', 'device']);
  expect(onDevice.values).toEqual(onHost.values);
  expect(onDevice.living.at(-1)).toBe(onDevice.living[3]);
});
