import * as tf from '@tensorflow/tfjs';

/** Classes of images that a small network learns to tell apart: equal on every backend. */
const classes = 4;
const shape: [number, number, number] = [16, 16, 3];
const batchSize = 8;

/** conv2d, two max pools of which one overlaps, and dense, with Adam and seeded initial values. */
export function convolutionalNetwork(): tf.Sequential {
  let seed = 0;
  const kernelInitializer = () => tf.initializers.glorotUniform({ seed: ++seed });
  const convolution = (filters: number, options: object = {}) =>
    tf.layers.conv2d({
      filters,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: kernelInitializer(),
      ...options,
    });
  const model = tf.sequential({
    layers: [
      convolution(16, { inputShape: shape }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      convolution(32),
      tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: classes, activation: 'softmax', kernelInitializer: kernelInitializer() }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(3e-3), loss: 'categoricalCrossentropy' });
  return model;
}

/** Images of step `step` whose brightness waves with a frequency of their class. */
export function imageBatch(step: number): [tf.Tensor, tf.Tensor] {
  const labels = Int32Array.from({ length: batchSize }, (_, index) => (index + step) % classes);
  const size = shape[0] * shape[1] * shape[2];
  const pixels = Float32Array.from({ length: batchSize * size }, (_, at) => {
    const [index, pixel] = [Math.floor(at / size), at % size];
    return Math.sin(((labels[index] as number) + 1) * 0.05 * pixel + index + 3 * step);
  });
  const answers = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), classes));
  return [tf.tensor(pixels, [batchSize, ...shape]), answers];
}
