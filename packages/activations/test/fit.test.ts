import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { createActivation, OwnedActivation } from '../src/registry.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Start options, and the values that the data was made with. */
const cases: [string, Record<string, unknown>, Record<string, number>][] = [
  ['dynactivation', {}, { alpha: 0.7, beta: 0.2 }],
  ['dynactivation', { base: 'mish' }, { alpha: 0.7, beta: 0.2 }],
  ['apalu', {}, { a: 0.9, b: 0.4 }],
  ['prelu', {}, { a: 0.6 }],
  ['swish-beta', {}, { beta: 1.8 }],
  ['pelu', {}, { a: 0.6, b: 1.4 }],
  ['srelu', { tl: 0, al: 0.5, tr: 1 }, { tl: -0.6, al: 0.2, tr: 1.4, ar: 0.6 }],
  ['acon-c', { p1: 1, p2: 0 }, { p1: 1.4, p2: -0.3, beta: 0.8 }],
  ['xielu', {}, { ap: 0.4, an: 1.1 }],
  ['xsilu', {}, { a: 0.3 }],
  ['xgelu', {}, { a: 0.3 }],
  ['xatlu', {}, { a: 0.3 }],
  ['polyrelu', {}, { a0: 0.2, a1: 0.5, a2: -0.3, a3: 0.1 }],
  ['polynorm', {}, { w1: 0.5, w2: -0.2, w3: 0.4, b: 0.1 }],
  ['starrelu', {}, { s: 0.8, b: -0.4 }],
  ['coslu', {}, { a: 0.6, b: 1.3 }],
  ['sinlu', {}, { a: 0.6, b: 1.3 }],
  ['shilu', {}, { a: 0.7, b: 0.2 }],
  ['relun', {}, { a: 1.7 }],
  ['scaled-softsign', {}, { a: 1.5, b: 0.6 }],
  ['lincomb', {}, { w1: 0.6, w2: 0.1, w3: 0.5, w4: -0.2 }],
  ['apl', { a: [0.1], b: [0.2] }, { a1: 0.4, b1: -0.5 }],
];

it.each(cases)('%s %j recovers %j from data', async (name, options, planted) => {
  const truth = name === 'apl' ? { a: [planted.a1!], b: [planted.b1!] } : { ...options, ...planted };
  const target = new OwnedActivation(createActivation(name, truth));
  const student = new OwnedActivation(createActivation(name, options));
  const x = tf.linspace(-6, 4, 121);
  const y = target.apply(x);
  // A large step finds the valley, a small one its lowest point.
  for (const [learningRate, steps] of [
    [0.05, 1000],
    [0.005, 500],
  ] as const) {
    const optimizer = tf.train.adam(learningRate, 0.9, 0.99);
    for (let step = 0; step < steps; step++) optimizer.minimize(() => tf.losses.meanSquaredError(y, student.apply(x)));
    optimizer.dispose();
  }
  const found = await student.values();
  for (const [parameter, value] of Object.entries(planted)) {
    expect(Math.abs(found[parameter]![0]! - value), `${parameter} = ${found[parameter]}`).toBeLessThanOrEqual(0.01);
  }
  target.dispose();
  student.dispose();
  tf.dispose([x, y]);
});

it('every trainable activation but PAU, whose coefficients trade against each other, is fitted', async () => {
  const { activationNames } = await import('../src/registry.ts');
  const trainable = activationNames().filter((name) => createActivation(name).parameters.length > 0);
  expect(trainable.filter((name) => !cases.some(([other]) => other === name))).toEqual(['pau']);
});
