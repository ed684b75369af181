import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/index.ts';

// A program of somebody else: it trains a little, and stays a moment, as programs do.
await tf.setBackend('onnxruntime');
const weights = tf.variable(tf.ones([64, 64]));
const step = compile((x: tf.Tensor) => {
  weights.assign(tf.matMul(weights, x));
  return tf.sum(weights);
});
for (let index = 0; index < 3; index++) step(tf.eye(64)).dispose();
const [sum] = await tf.sum(weights).data();
await new Promise((resolve) => setTimeout(resolve, Number(process.argv[2] ?? 0)));
console.log(sum);
