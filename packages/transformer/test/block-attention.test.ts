import '@tensorflow/tfjs';
import { registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { attend, causalMask } from '../src/operations/attention.ts';
import { attendInBlocks, blockMask } from '../src/operations/block-attention.ts';
import { deterministicValues } from './support/deterministic-values.ts';

registerOnnxRuntimeBackend();

type Inputs = readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
type Form = (...inputs: Inputs) => tf.Tensor4D;
interface Case {
  readonly time: number;
  readonly length: number;
  /** Queries that share a key head. */
  readonly groups: number;
  /** Factor on the scores. */
  readonly scale: number;
  /** Positions of the mask; from 4097 on each block's is made when it is needed. */
  readonly masked?: number;
}

const [batch, kvHeads, headWidth] = [2, 3, 4];

function inputsOf({ time, groups, scale }: Case): Inputs {
  const tensor = (name: string, rows: number, factor: number) => {
    const shape: [number, number, number, number] = [batch, kvHeads, rows, headWidth];
    return tf.mul(tf.tensor4d(deterministicValues(name, tf.util.sizeFromShape(shape)), shape), factor) as tf.Tensor4D;
  };
  return [tensor('query', groups * time, scale), tensor('key', time, 1), tensor('value', time, 1)];
}

/** Output and gradients of a sum that weighs every element of it differently. */
function outcome(form: Form, inputs: Inputs): Float32Array[] {
  return tf.tidy(() => {
    const shape = inputs[0].shape;
    const weights = tf.tensor4d(deterministicValues('weights', inputs[0].size), shape);
    const gradients = tf.grads((...inputs) => tf.sum(tf.mul(form(...(inputs as unknown as Inputs)), weights)));
    return [form(...inputs), ...gradients([...inputs])].map((tensor) => tensor.dataSync() as Float32Array);
  });
}

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  test.each<Case>([
    { time: 16, length: 4, groups: 1, scale: 2 },
    { time: 13, length: 4, groups: 1, scale: 2 },
    { time: 13, length: 4, groups: 2, scale: 2 },
    { time: 8, length: 4, groups: 3, scale: 2 },
    { time: 5, length: 8, groups: 2, scale: 2 },
    { time: 13, length: 4, groups: 2, scale: 300 },
    { time: 13, length: 4, groups: 2, scale: 2, masked: 4100 },
  ])('%j: output and gradients are those of the whole matrix', async (given) => {
    await tf.setBackend(backend);
    const { time, length, groups, masked = time } = given;
    const inputs = inputsOf(given);
    const inBlocks: Form = (q, k, v) => attendInBlocks(q, k, v, blockMask(length, masked));
    const whole: Form = (q, k, v) => attend(q, k, v, causalMask(groups * time, time));
    const [expected, actual] = [outcome(whole, inputs), outcome(inBlocks, inputs)];
    for (const [index, name] of ['output', 'query', 'key', 'value'].entries()) {
      const largest = Math.max(...expected[index]!.map(Math.abs));
      const differences = actual[index]!.map((value, place) => Math.abs(value - expected[index]![place]!));
      expect(largest, name).toBeGreaterThan(0);
      expect(Math.max(...differences) / largest, name).toBeLessThan(1e-4);
    }
    tf.dispose([...inputs]);
  });
});
