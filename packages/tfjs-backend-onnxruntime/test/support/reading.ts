import * as tf from '@tensorflow/tfjs';
import '../../src/index.ts';

/* reading.ts: reads a long run on the other thread, and one more that is waited for. Prints both results. */

await tf.setBackend('onnxruntime');
const x = tf.ones([512, 512]);
const chain = () => {
  let y: tf.Tensor = x;
  for (let index = 0; index < 20; index++) y = tf.mul(tf.matMul(y, x), 1 / 512);
  return y;
};
const [first] = await chain().data();
const later = chain();
const read = later.data();
console.log(first, later.dataSync()[0]);
await read;
