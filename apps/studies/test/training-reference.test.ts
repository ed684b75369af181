import '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { type Parameter, softmaxCrossEntropy, TrainStep } from '@dynact/nn';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { deterministicValues } from '../../../packages/nn/test/support/deterministic-values.ts';
import { plainAdam } from '../src/networks/adam.ts';
import { attentionNetwork } from '../src/networks/attention-network.ts';
import { denseNetwork } from '../src/networks/dense-network.ts';
import type { Network } from '../src/networks/network.ts';
import { oneClassNetwork } from '../src/networks/one-class-network.ts';
import { recurrentNetwork } from '../src/networks/recurrent-network.ts';

const fixture = JSON.parse(
  readFileSync(new URL('./fixtures/training.fixture.json', import.meta.url), 'utf8'),
) as Record<string, { losses: number[]; inference: number }>;

const bent = { name: 'dynactivation', base: 'mish' };
const labels = (rows: number, classes: number) =>
  tf.tensor1d(
    Array.from({ length: rows }, (_, row) => (7 * row) % classes),
    'int32',
  );
const constant = (name: string, size: number) => tf.tensor1d(deterministicValues(name, size));

interface Case {
  readonly name: string;
  readonly network: () => Pick<Network, 'parameters'> & { apply(x: never, training: boolean): tf.Tensor2D };
  readonly shape: number[];
  readonly loss: (outputs: tf.Tensor2D) => tf.Scalar;
}

const cases: Case[] = [
  {
    name: 'depth',
    network: () => denseNetwork({ inputs: 20, width: 8, layers: 5, outputs: 4, activation: bent }),
    shape: [6, 20],
    loss: (outputs) => softmaxCrossEntropy(outputs, labels(6, 4)),
  },
  {
    name: 'attention',
    network: () => attentionNetwork({ channels: 3, features: [4, 6], outputs: 5, activation: bent, attention: true }),
    shape: [4, 8, 8, 3],
    loss: (outputs) => softmaxCrossEntropy(outputs, labels(4, 5)),
  },
  {
    name: 'one class',
    network: () => oneClassNetwork(3, { name: 'leaky-relu', negativeSlope: 0.1 }),
    shape: [4, 28, 28, 1],
    loss: (outputs) => tf.mean(tf.sum(tf.squaredDifference(outputs, constant('center', 3)), 1)),
  },
  {
    name: 'recurrent',
    network: () => recurrentNetwork(5, { name: 'tanh' }),
    shape: [4, 6, 1],
    loss: (outputs) => tf.mean(tf.squaredDifference(tf.squeeze(outputs, [1]), constant('targets', 4))),
  },
];

beforeAll(async () => {
  registerOnnxRuntimeBackend({ threads: 1, device: 'cpu' });
  await tf.setBackend('onnxruntime');
});

describe('20 steps of Adam from the same initial values give the losses of PyTorch', () => {
  test.each(cases)('$name', async ({ name, network: make, shape, loss }) => {
    const network = make();
    for (const parameter of network.parameters) parameter.create(initialOf(parameter));
    const batch = (step: number) => ({ x: tf.tensor(deterministicValues(`batch ${step}`, sizeOf(shape)), shape) });
    const step = new TrainStep(
      { parameters: network.parameters, loss: ({ x }: { x: tf.Tensor }) => loss(network.apply(x as never, true)) },
      { transform: plainAdam(0.01), compile },
    );
    const { losses, inference } = fixture[name]!;
    for (const [index, expected] of losses.entries()) {
      const found = await step.run(index + 1, [batch(index)]);
      expect(Math.abs(found.loss / expected - 1), `step ${index + 1}`).toBeLessThan(1e-4);
    }
    const judged = tf.tidy(() => loss(network.apply(batch(0).x as never, false))).dataSync()[0]!;
    expect(Math.abs(judged / inference - 1)).toBeLessThan(1e-3);
  });
});

/** Matrices by their names, as the fixture's script makes them; the rest as it begins anyway. */
function initialOf({ name, size, group }: Parameter): number | Float32Array {
  return group === 'matrix' ? deterministicValues(name, size).map((value) => 0.4 * value) : 0;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
