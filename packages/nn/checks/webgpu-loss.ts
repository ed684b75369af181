import '@tensorflow/tfjs';
import { registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { linearCrossEntropy } from '../src/index.ts';

/*
 * The last part of pnpm test:webgpu: loss and gradients of 8192 rows and 8192 classes, 2^26 logits, of which no buffer holds
 * more than 2^25, are on WebGPU those of the cpu within 1e-3 of their largest.
 */

const [rows, classes, width] = [8192, 8192, 16];
const tolerance = 1e-3;

/** Numbers between -1 and 1 that differ from row to row. */
function wave(height: number, scale: number): tf.Tensor2D {
  return tf.tensor2d(
    Float32Array.from({ length: height * width }, (_, at) => Math.sin(at * scale)),
    [height, width],
  );
}

async function gradients(device: 'cpu' | 'webgpu'): Promise<Float32Array[]> {
  registerOnnxRuntimeBackend({ device });
  await tf.setBackend('onnxruntime');
  return tf.tidy(() => {
    const targets = tf.tensor1d(
      Int32Array.from({ length: rows }, (_, row) => (row * 7919 + 5) % classes),
      'int32',
    );
    const { value, grads } = tf.valueAndGrads((hiddenStates: tf.Tensor, weight: tf.Tensor) =>
      linearCrossEntropy(hiddenStates as tf.Tensor2D, weight as tf.Tensor2D, targets),
    )([wave(rows, 0.37), wave(classes, 0.73)]);
    return [value, ...grads].map((tensor) => tensor.dataSync() as Float32Array);
  });
}

const [expected, actual] = [await gradients('cpu'), await gradients('webgpu')];
for (const [index, name] of ['loss', 'gradient of the rows', 'gradient of the classes'].entries()) {
  const [wanted, given] = [expected[index]!, actual[index]!];
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = wanted.reduce((most, value, at) => Math.max(most, Math.abs(given[at]! - value)), 0) / largest;
  console.log(
    `${name} of ${rows} x ${classes}: largest difference ${worst.toExponential(1)} of ${largest.toExponential(1)}`,
  );
  if (!(worst <= tolerance)) process.exitCode = 1;
}
