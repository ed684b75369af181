/**
 * dynActivation in a model that knows nothing of this project: is a point inside the ring? Remove the line of the
 * backend, and the same program runs in a browser or on any other backend of TensorFlow.js.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { activationLayer } from '@dynact/activations/layers';
import '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs';

await tf.setBackend('onnxruntime');
const [epochs = '200'] = process.argv.slice(2);

const kernelInitializer = (seed: number) => tf.initializers.glorotUniform({ seed });
const model = tf.sequential();
model.add(tf.layers.dense({ units: 16, inputShape: [2], kernelInitializer: kernelInitializer(1) }));
// One alpha and beta for each of the 16 channels; tf.layers trains and saves them with the model.
const activation = activationLayer({ activation: 'dynactivation', options: { base: 'mish', scope: 'channel' } });
model.add(activation);
model.add(tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: kernelInitializer(2) }));
model.compile({ optimizer: tf.train.adam(0.05), loss: 'binaryCrossentropy', metrics: ['accuracy'] });

const points = tf.randomUniform([512, 2], -1, 1, 'float32', 3);
const distance = tf.norm(points, 2, 1, true);
const inRing = tf.cast(tf.logicalAnd(tf.greater(distance, 0.4), tf.less(distance, 0.8)), 'float32');
const { history } = await model.fit(points, inRing, {
  epochs: Number(epochs),
  batchSize: 512,
  shuffle: false,
  verbose: 0,
});

console.log(`loss ${Number(history.loss?.at(-1)).toFixed(3)}, accuracy ${Number(history.acc?.at(-1)).toFixed(3)}`);
for (const [name, value] of Object.entries(activation.values()))
  console.log(name, Array.from(value.dataSync(), (each) => each.toFixed(2)).join(' '));

// In Node, TensorFlow.js alone opens no files; handlers do. A browser opens the same two by the address of model.json.
await model.save(
  tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    mkdirSync('ring', { recursive: true });
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
    writeFileSync('ring/model.json', JSON.stringify({ modelTopology, weightsManifest }));
    writeFileSync('ring/weights.bin', new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  }),
);
const opened = await tf.loadLayersModel({
  load: async () => {
    const { modelTopology, weightsManifest } = JSON.parse(readFileSync('ring/model.json', 'utf8'));
    const weightData = new Uint8Array(readFileSync('ring/weights.bin')).buffer;
    return { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
  },
});
const difference = tf.max(tf.abs(tf.sub(opened.predict(points) as tf.Tensor, model.predict(points) as tf.Tensor)));
console.log(`saved and opened again, it differs by ${difference.dataSync()[0]}`);
