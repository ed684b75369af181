import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { activationNames, createActivation, OwnedActivation, restoreActivation } from '../src/registry.ts';
import { optimizers } from './support/optimizers.ts';

test.each(activationNames())('%s comes back from JSON with the same parameters and values', async (name) => {
  const before = tf.memory().numTensors;
  const takesParameters = createActivation(name).parameters.length > 0;
  const options = takesParameters ? { scope: 'channel', learningRateMultiplier: 0.5 } : {};
  const original = new OwnedActivation(createActivation(name, options, { channels: 3 }));
  const restored = restoreActivation(JSON.parse(JSON.stringify(await original.serialize())));
  expect(restored.activation.options).toEqual(original.activation.options);
  const x = tf.tensor2d([
    [-1.5, -0.2, 0.4],
    [0.8, 2.5, 4],
  ]);
  const results = [original.apply(x), restored.apply(x), original.gate(x, x), restored.gate(x, x)];
  const [y, again, gated, gatedAgain] = results.map((result) => result.dataSync());
  expect(again).toEqual(y);
  expect(gatedAgain).toEqual(gated);
  expect(await restored.values()).toEqual(await original.values());
  for (const { learningRateMultiplier } of original.activation.parameters) expect(learningRateMultiplier).toBe(0.5);
  for (const { trainable, variable } of original.parameters) expect(trainable && variable.trainable).toBe(true);
  original.dispose();
  restored.dispose();
  tf.dispose([x, results]);
  expect(tf.memory().numTensors).toBe(before);
});

test('begins at the values that the options give', async () => {
  const apalu = new OwnedActivation(createActivation('apalu', { a: 0.9, b: 0.4 }));
  const { a, b } = await apalu.values();
  expect(a![0]).toBeCloseTo(0.9, 6);
  expect(b![0]).toBeCloseTo(0.4, 6);
  const xielu = await new OwnedActivation(createActivation('xielu')).values();
  expect(xielu.an![0]).toBeCloseTo(0.8, 6);
});

test('a frozen activation keeps its parameters while others train', () => {
  const frozen = new OwnedActivation(createActivation('dynactivation', { frozen: true, alpha: 0.6 }));
  const free = new OwnedActivation(createActivation('dynactivation', { alpha: 0.6 }));
  expect(frozen.parameters.every(({ trainable }) => !trainable)).toBe(true);
  const x = tf.tensor1d([1, 2]);
  tf.train.sgd(0.1).minimize(() => tf.sum(tf.add(frozen.apply(x), free.apply(x))) as tf.Scalar);
  expect(frozen.parameters[0]!.variable.dataSync()[0]).toBeCloseTo(0.6, 7);
  expect(free.parameters[0]!.variable.dataSync()[0]).toBeLessThan(0.5);
  const betaOnly = new OwnedActivation(createActivation('dynactivation', { frozen: ['alpha'], alpha: 0.6 }));
  tf.train.sgd(0.1).minimize(() => tf.sum(betaOnly.apply(x)) as tf.Scalar);
  const [alpha, beta] = betaOnly.parameters.map(({ variable }) => variable.dataSync()[0]!);
  expect(alpha).toBeCloseTo(0.6, 7);
  // d/d beta = x - silu(x), summed over 1 and 2.
  expect(beta).toBeCloseTo(-0.1 * (3 - 1 / (1 + Math.exp(-1)) - 2 / (1 + Math.exp(-2))), 5);
  betaOnly.dispose();
  frozen.dispose();
  free.dispose();
  x.dispose();
});

/** Raw values of swish-beta's beta after each of five steps. */
function steps(optimizer: tf.Optimizer, learningRateMultiplier: number): Promise<number[]> {
  const owned = new OwnedActivation(createActivation('swish-beta', { beta: 0.5, learningRateMultiplier }));
  const x = tf.tensor1d([-1.5, 0.4, 2]);
  const values = Array.from({ length: 5 }, async () => {
    optimizer.minimize(() => tf.mean(tf.square(tf.sub(owned.apply(x), 1))) as tf.Scalar);
    return (await owned.serialize()).parameters.beta![0]!;
  });
  return Promise.all(values);
}

test.each(Object.entries(optimizers))('learningRateMultiplier acts under %s', async (_, make) => {
  const multiplied = await steps(make(0.01), 4);
  (await steps(make(0.04), 1)).forEach((value, step) => {
    expect(Math.abs(multiplied[step]! - value)).toBeLessThanOrEqual(1e-6);
  });
  expect(Math.abs(multiplied[4]! - 0.5)).toBeGreaterThan(1e-3);
});

test('no optimizer moves a parameter whose learningRateMultiplier is 0', async () => {
  const owned = new OwnedActivation(createActivation('swish-beta', { beta: 0.5, learningRateMultiplier: 0 }));
  expect(owned.parameters.map(({ variable }) => variable.trainable)).toEqual([false]);
  expect(await owned.values()).toEqual({ beta: [0.5] });
});
