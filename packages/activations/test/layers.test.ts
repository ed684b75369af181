import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { InputError } from '../src/index.ts';
import { activationLayer, gateLayer } from '../src/layers.ts';
import { activationNames, createActivation } from '../src/registry.ts';
import { optimizers } from './support/optimizers.ts';

const rows = [
  [-1.5, -0.2, 0.4],
  [0.8, 2.5, 4],
];

/** Saves to memory and loads from there, as tf.io does for files and for browsers' storage. */
async function roundTrip(
  model: tf.LayersModel,
  change = (artifacts: tf.io.ModelArtifacts): tf.io.ModelArtifacts => artifacts,
): Promise<tf.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, ...rest } = change(saved!);
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
  model.add(activationLayer({ activation: 'dynactivation', options: { learningRateMultiplier: 0 } }));
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  expect(model.trainableWeights).toHaveLength(1);
  const x = tf.tensor2d([[-1], [-2], [1]]);
  await model.fit(x, tf.zeros([3, 1]), { epochs: 3, verbose: 0 });
  const [slope, ...kept] = model.getWeights().map((weight) => weight.dataSync()[0]!);
  expect(slope!).toBeLessThan(0.499);
  expect(kept).toEqual([1, 0, 1, 0]);
});

test.each(Object.entries(optimizers))('learningRateMultiplier acts in model.fit under %s', async (_, make) => {
  const x = tf.tensor2d([[-1], [-2], [1]]);
  const fitted = async (learningRate: number, learningRateMultiplier: number) => {
    const layer = activationLayer({
      activation: 'prelu',
      options: { a: 0.5, learningRateMultiplier },
      inputShape: [1],
    });
    const model = tf.sequential({ layers: [layer] });
    model.compile({ optimizer: make(learningRate), loss: 'meanSquaredError' });
    await model.fit(x, tf.zeros([3, 1]), { epochs: 4, verbose: 0, shuffle: false });
    return layer.values().a!.dataSync()[0]!;
  };
  const multiplied = await fitted(0.005, 4);
  expect(Math.abs(multiplied - (await fitted(0.02, 1)))).toBeLessThanOrEqual(1e-6);
  expect(multiplied).toBeLessThan(0.499);
});

test('a multiplied layer saves and loads, and refuses weights from before multipliers acted', async () => {
  const options = { a: 0.3, learningRateMultiplier: 4 };
  const model = tf.sequential({ layers: [activationLayer({ activation: 'prelu', options, inputShape: [3] })] });
  const x = tf.tensor2d(rows);
  const restored = await roundTrip(model);
  expect((restored.predict(x) as tf.Tensor).dataSync()).toEqual((model.predict(x) as tf.Tensor).dataSync());
  const older = ({ weightSpecs, ...artifacts }: tf.io.ModelArtifacts) => ({
    ...artifacts,
    weightSpecs: weightSpecs!.map((weight) => ({ ...weight, name: weight.name.replace('_divided', '') })),
  });
  await expect(roundTrip(model, older)).rejects.toThrow('no target variable');
});

test('reads every key of its configuration', async () => {
  const inputShape = [3];
  const x = tf.tensor2d(rows);
  const y = (config: object) => {
    const model = tf.sequential({
      layers: [activationLayer({ activation: 'acon-c', seed: 1, inputShape, ...config })],
    });
    return (model.predict(x) as tf.Tensor).dataSync();
  };
  expect(y({ seed: 2 })).not.toEqual(y({}));
  const weights = [1, 0, 1].map((value) => tf.scalar(value));
  expect(y({ weights })).toEqual(
    createActivation('swish-beta')
      .apply(x, { beta: tf.scalar(1) })
      .dataSync(),
  );
  expect(activationLayer({ activation: 'prelu', trainable: false, inputShape }).trainableWeights).toEqual([]);
  const { name, batchInputShape } = activationLayer({ activation: 'prelu', name: 'bent', batchSize: 2, inputShape });
  expect([name, batchInputShape]).toEqual(['bent', [2, 3]]);
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

test('draws the same random initial values for the same seed', () => {
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
  const misplaced = { activation: 'prelu', learningRateMultiplier: 4 };
  expect(() => activationLayer(misplaced)).toThrow(
    'learningRateMultiplier is an option of prelu; it belongs into options',
  );
  const gate = gateLayer({ activation: 'silu' });
  expect(() => gate.apply(tf.zeros([1, 3]))).toThrow('two inputs');
  expect(() => gateLayer({ activation: 'silu' }).values()).toThrow('before it is built');
});
