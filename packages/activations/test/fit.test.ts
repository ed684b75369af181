import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { activationDocumentation, activationNames, createActivation, OwnedActivation } from '../src/registry.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** PAU is left out: its coefficients trade against each other. */
const trainable = activationNames().filter((name) => name !== 'pau' && createActivation(name).parameters.length > 0);

/** Data are made with the values of the documentation's second curve. */
test.each(trainable)('%s recovers its parameters from data', async (name) => {
  const { moved, drawn } = activationDocumentation(name);
  expect(moved).toBeDefined();
  const target = new OwnedActivation(createActivation(name, moved));
  const student = new OwnedActivation(createActivation(name, drawn));
  const x = tf.linspace(-6, 4, 121);
  const y = target.apply(x);
  const planted = Object.entries(await target.values());
  const distances = async () => {
    const found = await student.values();
    return planted.map(([parameter, [value]]) => Math.abs(found[parameter]![0]! - value!));
  };
  // A large step finds the valley, a small one its lowest point.
  for (const [learningRate, steps] of [
    [0.05, 1000],
    [0.005, 500],
  ] as const) {
    const optimizer = tf.train.adam(learningRate, 0.9, 0.99);
    // Arrived is who is there at two looks, and does not only pass.
    for (let step = 1, looks = 0; step <= steps && looks < 2; step++) {
      optimizer.minimize(() => tf.losses.meanSquaredError(y, student.apply(x)));
      if (step % 50 === 0) looks = Math.max(...(await distances())) < 0.002 ? looks + 1 : 0;
    }
    optimizer.dispose();
  }
  for (const [index, distance] of (await distances()).entries()) {
    expect(distance, planted[index]![0]).toBeLessThanOrEqual(0.01);
  }
  target.dispose();
  student.dispose();
  tf.dispose([x, y]);
});
