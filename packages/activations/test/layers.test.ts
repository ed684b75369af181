import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { InputError } from '../src/index.ts';
import { activationLayer, gateLayer } from '../src/layers.ts';
import { activationNames, createActivation } from '../src/registry.ts';

const rows = [
  [-1.5, -0.2, 0.4],
  [0.8, 2.5, 4],
];

/** Saves to memory and loads from there, as tf.io does for files and for browsers' storage. */
async function roundTrip(model: tf.LayersModel): Promise<tf.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, ...rest } = saved!;
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology: JSON.parse(JSON.stringify(modelTopology)), ...rest }));
}

test.each(activationNames())('%s saves and loads as a layer', async (name) => {
  const takesParameters = createActivation(name).parameters.length > 0;
  for (const options of takesParameters ? [{}, { scope: 'channel' }] : [{}]) {
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 3, inputShape: [3] }), activationLayer({ activation: name, options })],
    });
    const restored = await roundTrip(model);
    expect(restored.trainableWeights.length).toBe(
      2 + createActivation(name, options, { channels: 3 }).parameters.length,
    );
    const x = tf.tensor2d(rows);
    const [y, again] = [model.predict(x) as tf.Tensor, restored.predict(x) as tf.Tensor];
    expect(again.dataSync()).toEqual(y.dataSync());
    expect(y.shape).toEqual([2, 3]);
    tf.dispose([x, y, again]);
    model.dispose();
    restored.dispose();
  }
});

test('has the activation that its name and options say', () => {
  const layer = activationLayer({ activation: 'dynactivation', options: { base: 'mish', alpha: 0.7, beta: 0.2 } });
  const x = tf.tensor2d(rows);
  const expected = createActivation('dynactivation', { base: 'mish' }).apply(x, {
    alpha: tf.scalar(0.7),
    beta: tf.scalar(0.2),
  });
  expect((layer.apply(x) as tf.Tensor).dataSync()).toEqual(expected.dataSync());
  const { alpha, beta } = layer.values();
  expect(alpha!.dataSync()[0]).toBeCloseTo(0.7, 7);
  expect(beta!.dataSync()[0]).toBeCloseTo(0.2, 7);
});

test('trains its parameters in model.fit, but not the frozen ones', async () => {
  const model = tf.sequential();
  model.add(activationLayer({ activation: 'prelu', options: { a: 0.5 }, inputShape: [1] }));
  model.add(activationLayer({ activation: 'dynactivation', options: { frozen: true } }));
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  expect(model.trainableWeights).toHaveLength(1);
  const x = tf.tensor2d([[-1], [-2], [1]]);
  await model.fit(x, tf.zeros([3, 1]), { epochs: 3, verbose: 0 });
  const [slope, alpha] = model.getWeights().map((weight) => weight.dataSync()[0]!);
  expect(slope!).toBeLessThan(0.49);
  expect(alpha).toBe(1);
});

test('gates one input with another, and saves that', async () => {
  const inputs = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
  const output = gateLayer({ activation: 'swish-beta', options: { beta: 0.5 } }).apply(inputs) as tf.SymbolicTensor;
  const model = tf.model({ inputs, outputs: output });
  const restored = await roundTrip(model);
  const [gate, value] = [tf.tensor2d(rows), tf.mul(tf.tensor2d(rows), 2) as tf.Tensor2D];
  const expected = tf.mul(tf.mul(gate, tf.sigmoid(tf.mul(gate, 0.5))), value).dataSync();
  const actual = (restored.predict([gate, value]) as tf.Tensor).dataSync();
  actual.forEach((y, index) => {
    expect(y).toBeCloseTo(expected[index]!, 5);
  });
});

test('draws the same random start values for the same seed', () => {
  const build = (seed: number) => {
    const layer = activationLayer({ activation: 'acon-c', seed });
    layer.build([null, 3]);
    return layer.getWeights().map((weight) => weight.dataSync()[0]!);
  };
  expect(build(3)).toEqual(build(3));
  expect(build(3)).not.toEqual(build(4));
});

test('refuses wrong options when it is made, and wrong inputs when it is built', () => {
  expect(() => activationLayer({ activation: 'apalu', options: { b: 0 } })).toThrow(InputError);
  expect(() => activationLayer({ activation: 'nothing' })).toThrow('unknown activation "nothing"');
  const gate = gateLayer({ activation: 'silu' });
  expect(() => gate.apply(tf.zeros([1, 3]))).toThrow('two inputs');
  expect(() => gateLayer({ activation: 'silu' }).values()).toThrow('before it is built');
});
