import * as tf from '@tensorflow/tfjs';

/** A call of kernels that ONNX Runtime's own WebGPU operators refuse or compute wrong. */
export type KernelCase = readonly [name: string, run: () => tf.Tensor];

const random = (shape: number[], seed: number) => tf.randomUniform(shape, -2, 2, 'float32', seed);
/** With many equal elements. */
const repeated = (shape: number[], seed: number) => tf.round(random(shape, seed));

/** The gradient of the sum of the results, each times another number. */
const gradient = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) =>
  tf.grad((input) => {
    const y = f(input);
    return tf.sum(tf.mul(y, random(y.shape, 9)));
  })(x);

const maxPool = (size: number, strides: number, pad: 'same' | 'valid') => (x: tf.Tensor) =>
  tf.maxPool(x as tf.Tensor4D, size, strides, pad);
const maxPool3d = (x: tf.Tensor) => tf.maxPool3d(x as tf.Tensor5D, 3, 2, 'same');
const avgPool3d = (x: tf.Tensor) => tf.avgPool3d(x as tf.Tensor5D, [2, 3, 2], 2, 'same');
const conv3d = (x: tf.Tensor) =>
  tf.conv3d(x as tf.Tensor5D, random([3, 2, 3, 2, 4], 3) as tf.Tensor5D, [2, 1, 3], 'same');
const conv2d = (x: tf.Tensor, filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
const depthwise = (x: tf.Tensor) =>
  tf.depthwiseConv2d(x as tf.Tensor4D, random([3, 3, 8, 2], 3) as tf.Tensor4D, 2, 'same');

const image = [2, 9, 8, 3];
const volume = [2, 5, 6, 7, 2];
const near0 = () => tf.tensor1d([1e-7, -1e-5, 1e-3, -0.3, 0.4]);
const masked = () => tf.tensor1d([Number.NEGATIVE_INFINITY, 3, Number.NEGATIVE_INFINITY, 5, Number.NEGATIVE_INFINITY]);
const places = () =>
  tf.tensor1d(
    Int32Array.from({ length: 30_000 }, (_, index) => (index * 7919) % 1000),
    'int32',
  );
const undefinedToo = () => tf.tensor1d([Number.NaN, 1, -1]);
const beyond = [3e38, 3e9, -3e9, Number.NaN, Number.POSITIVE_INFINITY, -1.5];

/** Each gives the same on every backend; where NaN matters, whether it is there. */
export const kernelCases: readonly KernelCase[] = [
  ['maxPool', () => maxPool(2, 2, 'valid')(random(image, 1))],
  ['maxPool, overlapping', () => maxPool(3, 2, 'same')(random(image, 1))],
  ['gradient of maxPool', () => gradient(maxPool(2, 2, 'valid'), repeated(image, 1))],
  ['gradient of maxPool, overlapping', () => gradient(maxPool(3, 2, 'same'), repeated(image, 2))],
  ['gradient of maxPool, with gaps', () => gradient(maxPool(2, 3, 'valid'), repeated(image, 3))],
  ['gradient of maxPool3d', () => gradient(maxPool3d, random(volume, 1))],
  ['gradient of avgPool3d', () => gradient(avgPool3d, random(volume, 2))],
  ['conv2d, filter of the image size', () => conv2d(random([2, 2, 2, 3], 1), random([2, 2, 3, 4], 2))],
  [
    "gradient of conv2d's filter of even size",
    () => gradient((filter) => conv2d(random(image, 1), filter), random([2, 2, 3, 4], 2)),
  ],
  ['gradient of conv3d', () => gradient(conv3d, random(volume, 1))],
  ['gradient of depthwiseConv2d', () => gradient(depthwise, random([2, 9, 8, 8], 1))],
  ['unstack to 20', () => tf.concat(tf.unstack(random([20, 30], 1)).reverse())],
  ['split to 20', () => tf.concat(tf.split(random([4, 40], 1), 20, 1).reverse(), 1)],
  ['cumprod', () => tf.cumprod(random([3, 20], 1), 1)],
  ['values of topk', () => tf.topk(masked(), 5).values],
  ['indices of topk', () => tf.topk(masked(), 5).indices],
  ['sparseToDense of repeated places', () => tf.sparseToDense(places(), tf.range(0, 30_000), [1000], 0)],
  [
    'tensorScatterUpdate of repeated rows',
    () => tf.tensorScatterUpdate(tf.zeros([1000, 3]), tf.reshape(places(), [-1, 1]), random([30_000, 3], 1)),
  ],
  ['asin', () => tf.asin(tf.linspace(-1, 0.99, 41))],
  ['acos', () => tf.acos(tf.linspace(-1, 0.99, 41))],
  ['expm1 near 0', () => tf.div(tf.expm1(near0()), near0())],
  ['log1p near 0', () => tf.div(tf.log1p(near0()), near0())],
  ['relu of NaN', () => tf.isNaN(tf.relu(undefinedToo()))],
  ['relu6 of NaN', () => tf.isNaN(tf.relu6(undefinedToo()))],
  ['clipByValue of NaN', () => tf.isNaN(tf.clipByValue(undefinedToo(), -1, 1))],
  ['softmax of NaN', () => tf.isNaN(tf.softmax(undefinedToo()))],
  ['cast to int32', () => tf.cast(tf.tensor1d(beyond), 'int32')],
];
