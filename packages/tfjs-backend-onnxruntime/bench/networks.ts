import * as tf from '@tensorflow/tfjs';

export type NetworkName = 'dense' | 'convolutional';

/** Two classifiers of digits, with seeded initial values: equal on every backend. */
function network(name: NetworkName): tf.Sequential {
  let seed = 0;
  const kernelInitializer = () => tf.initializers.glorotUniform({ seed: ++seed });
  const output = () => tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: kernelInitializer() });
  const model = tf.sequential();
  if (name === 'dense') {
    model.add(
      tf.layers.dense({
        units: 512,
        activation: 'relu',
        inputShape: [784],
        kernelInitializer: kernelInitializer(),
      }),
    );
    model.add(output());
  } else {
    const convolution = (filters: number, inputShape?: [number, number, number]) =>
      tf.layers.conv2d({
        filters,
        kernelSize: 3,
        activation: 'relu',
        kernelInitializer: kernelInitializer(),
        ...(inputShape ? { inputShape } : {}),
      });
    model.add(convolution(16, [28, 28, 1]));
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
    model.add(convolution(32));
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
    model.add(tf.layers.flatten());
    model.add(output());
  }
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** Shape of one example of a network. */
const exampleShape = { dense: [784], convolutional: [28, 28, 1] } as const;

export interface FitResult {
  /** Seconds of `fit` after a warm-up on one batch. */
  seconds: number;
  /** Share of the test digits, 0 to 1. */
  accuracy: number;
}

/** Trains a network on digits with the backend that is set, and measures it on digits it has not seen. */
export async function fit(
  name: NetworkName,
  data: { train: number; test: number; epochs: number; batchSize: number },
): Promise<FitResult> {
  const { digits } = await import('./digits.ts');
  const model = network(name);
  const load = (start: number, count: number) => {
    const { images, labels } = digits(start, count);
    return {
      xs: tf.tensor(images, [count, ...exampleShape[name]]),
      ys: tf.tensor1d(Float32Array.from(labels), 'float32'),
    };
  };
  const train = load(0, data.train);
  const test = load(data.train, data.test);
  const warmUp = network(name);
  const { batchSize } = data;
  await warmUp.fit(tf.slice(train.xs, [0], [batchSize]), tf.slice(train.ys, [0], [batchSize]), {
    batchSize,
    verbose: 0,
  });
  const start = performance.now();
  await model.fit(train.xs, train.ys, { batchSize, epochs: data.epochs, shuffle: false, verbose: 0 });
  const seconds = (performance.now() - start) / 1000;
  const [, accuracy] = model.evaluate(test.xs, test.ys, { batchSize: 250 }) as tf.Scalar[];
  const result = { seconds, accuracy: (await (accuracy as tf.Scalar).data())[0] as number };
  tf.dispose([train, test]);
  return result;
}
