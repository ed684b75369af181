import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, test } from 'vitest';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

type Case = [name: string, run: () => tf.Tensor | tf.Tensor[]];

const x = () => random([3, 4, 5]);
const positive = () => random([3, 4, 5], 0.1, 3);
const unit = () => random([3, 4, 5], -0.95, 0.95);
const special = () => tf.tensor1d([0, -0, 1, -1, Infinity, -Infinity, NaN, 1e30, -1e-30, 88]);

const unary: Case[] = [
  ['abs', () => tf.abs(x())],
  ['neg', () => tf.neg(x())],
  ['sign', () => tf.sign(x())],
  ['square', () => tf.square(x())],
  ['sqrt', () => tf.sqrt(positive())],
  ['rsqrt', () => tf.rsqrt(positive())],
  ['reciprocal', () => tf.reciprocal(x())],
  ['exp', () => tf.exp(x())],
  ['expm1', () => tf.expm1(random([200], -3, 3))],
  ['expm1 of small numbers keeps its digits', () => tf.mul(tf.expm1(random([100], -1e-5, 1e-5)), 1e5)],
  ['log', () => tf.log(positive())],
  ['log1p', () => tf.log1p(random([200], -0.9, 4))],
  ['log1p of small numbers keeps its digits', () => tf.mul(tf.log1p(random([100], -1e-5, 1e-5)), 1e5)],
  ['sigmoid', () => tf.sigmoid(random([100], -20, 20))],
  ['tanh', () => tf.tanh(x())],
  ['softplus', () => tf.softplus(random([100], -30, 30))],
  ['erf', () => tf.erf(x())],
  ['elu', () => tf.elu(x())],
  ['selu', () => tf.selu(x())],
  ['relu', () => tf.relu(x())],
  ['relu6', () => tf.relu6(random([50], -3, 9))],
  ['leakyRelu', () => tf.leakyRelu(x(), 0.3)],
  ['prelu', () => tf.prelu(x(), random([5], 0, 1, 3))],
  ['step', () => tf.step(x(), 0.25)],
  ['sin', () => tf.sin(x())],
  ['cos', () => tf.cos(x())],
  ['tan', () => tf.tan(unit())],
  ['asin', () => tf.asin(unit())],
  ['acos', () => tf.acos(unit())],
  ['atan', () => tf.atan(x())],
  ['sinh', () => tf.sinh(x())],
  ['cosh', () => tf.cosh(x())],
  ['asinh', () => tf.asinh(x())],
  ['acosh', () => tf.acosh(random([50], 1, 5))],
  ['atanh', () => tf.atanh(unit())],
  ['floor', () => tf.floor(x())],
  ['ceil', () => tf.ceil(x())],
  ['round to even', () => tf.round(tf.tensor1d([0.5, 1.5, 2.5, -0.5, -1.5, 1.2]))],
  ['clipByValue', () => tf.clipByValue(x(), -0.5, 1)],
  ['isNaN', () => tf.isNaN(special())],
  ['isInf', () => tf.isInf(special())],
  ['isFinite', () => tf.isFinite(special())],
  ['logicalNot', () => tf.logicalNot(tf.tensor1d([0, 1, 1], 'bool'))],
  ['whole numbers', () => [tf.abs(ints()), tf.neg(ints()), tf.sign(ints()), tf.square(ints()), tf.relu(ints())]],
  ['a scalar', () => tf.exp(tf.scalar(0.5))],
  ['a tensor without elements', () => tf.exp(tf.zeros([0, 3]))],
];

const ints = () => randomIntegers([3, 4], -5, 6);
const row = () => random([5], -2, 2, 11);

const binary: Case[] = [
  ['add', () => tf.add(x(), row())],
  ['add of scalars', () => tf.add(tf.scalar(1), tf.scalar(2))],
  ['sub', () => tf.sub(x(), random([4, 1], -2, 2, 5))],
  ['mul', () => tf.mul(x(), random([3, 1, 1], -2, 2, 5))],
  ['div', () => tf.div(x(), positive())],
  ['div by zero', () => tf.div(special(), tf.scalar(0))],
  ['pow', () => tf.pow(positive(), row())],
  ['maximum', () => tf.maximum(x(), row())],
  ['minimum', () => tf.minimum(x(), row())],
  ['squaredDifference', () => tf.squaredDifference(x(), row())],
  ['floorDiv', () => tf.floorDiv(x(), row())],
  ['mod', () => tf.mod(x(), row())],
  ['atan2', () => tf.atan2(x(), row())],
  [
    'whole numbers',
    () => [tf.add(ints(), 2), tf.sub(ints(), 2), tf.mul(ints(), 3), tf.maximum(ints(), tf.scalar(1, 'int32'))],
  ],
  ['whole numbers divided', () => [tf.floorDiv(ints(), tf.scalar(2, 'int32')), tf.mod(ints(), tf.scalar(3, 'int32'))]],
  ['equal', () => tf.equal(ints(), tf.scalar(2, 'int32'))],
  ['notEqual', () => tf.notEqual(ints(), tf.scalar(2, 'int32'))],
  ['greater', () => tf.greater(x(), row())],
  ['greaterEqual', () => tf.greaterEqual(x(), row())],
  ['less', () => tf.less(x(), row())],
  ['lessEqual', () => tf.lessEqual(x(), row())],
  ['comparison of bools', () => tf.greater(tf.tensor1d([1, 0], 'bool'), tf.tensor1d([0, 0], 'bool'))],
  ['logicalAnd, logicalOr', () => [tf.logicalAnd(mask(), mask(3)), tf.logicalOr(mask(), mask(3))]],
  ['addN', () => tf.addN([x(), positive(), unit()])],
  ['where', () => tf.where(mask(), random([4, 5]), random([4, 5], 0, 1, 2))],
  ['where of whole numbers', () => tf.where(mask(), randomIntegers([4, 5], 0, 9), randomIntegers([4, 5], 0, 9, 2))],
];
const mask = (seed = 2) => tf.greater(random([4, 5], -1, 1, seed), 0);

const products: Case[] = [
  ['matMul', () => tf.matMul(random([3, 4]), random([4, 5]))],
  ['matMul transposeA', () => tf.matMul(random([4, 3]), random([4, 5]), true)],
  ['matMul transposeB', () => tf.matMul(random([3, 4]), random([5, 4]), false, true)],
  ['matMul both transposed', () => tf.matMul(random([4, 3]), random([5, 4]), true, true)],
  ['batched', () => tf.matMul(random([2, 3, 3, 4]), random([2, 3, 4, 5]))],
  ['batched transposeA', () => tf.matMul(random([2, 3, 4, 3]), random([2, 3, 4, 5]), true)],
  ['batched transposeB', () => tf.matMul(random([2, 3, 3, 4]), random([2, 3, 5, 4]), false, true)],
  ['batched, both transposed', () => tf.matMul(random([6, 4, 3]), random([6, 5, 4]), true, true)],
  ['broadcast batch', () => tf.matMul(random([2, 3, 3, 4]), random([1, 1, 4, 5]))],
  ['broadcast batch, transposed', () => tf.matMul(random([1, 4, 3]), random([3, 5, 4]), true, true)],
  ['3-D by 2-D', () => tf.matMul(random([2, 3, 4]), random([4, 5]))],
  ['dot', () => tf.dot(random([7]), random([7], 0, 1, 2))],
  ['einsum', () => tf.einsum('bij,bjk->bik', random([2, 3, 4]), random([2, 4, 5]))],
  [
    'fused with bias and activation',
    () =>
      (['linear', 'relu', 'elu', 'relu6', 'sigmoid', 'leakyrelu'] as const).map((activation) =>
        tf.fused.matMul({
          a: random([3, 4]) as tf.Tensor2D,
          b: random([4, 5]) as tf.Tensor2D,
          bias: row(),
          activation,
        }),
      ),
  ],
];

const reducers = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, prod: tf.prod };
const reductions: Case[] = Object.entries(reducers).flatMap(([name, reduce]): Case[] => [
  [`${name} of all`, () => reduce(x())],
  [`${name} along the last axis`, () => reduce(x(), -1)],
  [`${name} along two axes, kept`, () => reduce(x(), [0, 2], true)],
  [`${name} along the middle axis`, () => reduce(x(), 1)],
  [`${name} of whole numbers`, () => reduce(ints(), 1)],
  [`${name} of a scalar`, () => reduce(tf.scalar(3))],
]);

const shapes: Case[] = [
  ['sum of bools', () => tf.sum(mask())],
  ['all, any', () => [tf.all(mask(), 1), tf.any(mask(), 1), tf.all(mask()), tf.any(mask())]],
  ['argMax, argMin', () => [tf.argMax(x(), 1), tf.argMin(x(), -1), tf.argMax(ints(), 0)]],
  ['softmax', () => tf.softmax(random([3, 7], -50, 50))],
  [
    'softmax with masked entries',
    () =>
      tf.softmax(
        tf.tensor2d([
          [1, 2, -1e9],
          [-1e9, 0, -1e9],
        ]),
      ),
  ],
  ['logSoftmax', () => tf.logSoftmax(random([3, 7], -5, 5))],
  ['logSumExp', () => tf.logSumExp(random([3, 7], -5, 5), -1)],
  ['cumsum', () => [tf.cumsum(x(), 1), tf.cumsum(x(), 1, true), tf.cumsum(x(), 1, false, true), tf.cumsum(ints(), 0)]],
  ['reshape', () => tf.reshape(tf.add(x(), 1), [5, -1])],
  ['expandDims and squeeze', () => tf.squeeze(tf.expandDims(tf.add(x(), 1), 1))],
  ['transpose', () => tf.transpose(x(), [2, 0, 1])],
  ['slice', () => tf.slice(x(), [1, 0, 2], [2, -1, 2])],
  ['slice of whole numbers', () => tf.slice(ints(), [1, 1], [1, 2])],
  ['a slice without elements', () => tf.slice(x(), [1, 1, 1], [0, 2, 2])],
  ['stridedSlice', () => tf.stridedSlice(x(), [0, 1, 0], [3, 4, 5], [2, 1, 3])],
  ['stridedSlice backwards', () => tf.stridedSlice(x(), [2, 3, 4], [0, 0, 0], [-1, -2, -1])],
  ['split', () => tf.split(x(), 2, 1)],
  ['split into unequal parts', () => tf.split(x(), [1, 3, 1], 2)],
  ['concat', () => tf.concat([x(), positive()], 1)],
  ['concat of bools', () => tf.concat([mask(), mask(3)], 0)],
  ['stack', () => tf.stack([x(), positive()], 1)],
  ['unstack', () => tf.unstack(x(), 1)],
  [
    'pad',
    () =>
      tf.pad(
        x(),
        [
          [1, 0],
          [0, 2],
          [1, 1],
        ],
        3,
      ),
  ],
  [
    'pad of whole numbers',
    () =>
      tf.pad(
        ints(),
        [
          [1, 0],
          [0, 2],
        ],
        3,
      ),
  ],
  ['tile', () => [tf.tile(x(), [2, 1, 3]), tf.tile(random([1, 3]), [4, 1])]],
  ['broadcastTo', () => tf.broadcastTo(random([1, 3]), [4, 3])],
  ['reverse', () => [tf.reverse(x(), 1), tf.reverse(ints(), [0, 1])]],
  [
    'gather',
    () =>
      tf.gather(
        x(),
        tf.tensor2d(
          [
            [0, 2],
            [1, 1],
          ],
          [2, 2],
          'int32',
        ),
        0,
      ),
  ],
  ['gather along an axis', () => tf.gather(x(), tf.tensor1d([3, 0, 0], 'int32'), 1)],
  ['gather with a batch axis', () => tf.gather(random([3, 6]), tf.tensor2d([[5], [0], [2]], [3, 1], 'int32'), 1, 1)],
  [
    'gatherND',
    () =>
      tf.gatherND(
        x(),
        tf.tensor2d(
          [
            [0, 1],
            [2, 3],
          ],
          [2, 2],
          'int32',
        ),
      ),
  ],
  ['scatterND', () => tf.scatterND(tf.tensor2d([[1], [3], [1]], [3, 1], 'int32'), random([3, 2]), [5, 2])],
  [
    'scatterND of points',
    () =>
      tf.scatterND(
        tf.tensor2d(
          [
            [1, 0],
            [3, 2],
          ],
          [2, 2],
          'int32',
        ),
        random([2]),
        [4, 3],
      ),
  ],
  ['oneHot', () => [tf.oneHot(tf.tensor1d([0, 2, -1, 9], 'int32'), 4), tf.oneHot(tf.tensor1d([1], 'int32'), 3, 5, -5)]],
  ['unsortedSegmentSum', () => tf.unsortedSegmentSum(random([5, 3]), tf.tensor1d([0, 3, 0, -1, 7], 'int32'), 4)],
  ['fill', () => [tf.fill([2, 3], 1.5), tf.fill([2], 3, 'int32')]],
  ['zerosLike, onesLike', () => [tf.zerosLike(x()), tf.onesLike(ints()), tf.onesLike(mask())]],
  ['range, linspace', () => [tf.range(1, 9, 2), tf.linspace(0, 1, 5)]],
  ['cast', () => [tf.cast(x(), 'int32'), tf.cast(x(), 'bool'), tf.cast(ints(), 'float32'), tf.cast(mask(), 'float32')]],
  ['topk', () => Object.values(tf.topk(random([3, 9]), 4))],
];

const image = (channels = 3) => random([2, 9, 8, channels]) as tf.Tensor4D;
const filter = (size = 3, inputs = 3, outputs = 4) => random([size, size, inputs, outputs], -1, 1, 5) as tf.Tensor4D;
const gradients = (f: (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor, w: () => tf.Tensor4D) => () =>
  tf.grads((x: tf.Tensor, w: tf.Tensor) => tf.square(f(x as tf.Tensor4D, w as tf.Tensor4D)))([image(), w()]);

const images: Case[] = [
  ...(['same', 'valid'] as const).flatMap((pad): Case[] =>
    ([1, 2, 3] as const).map((stride) => [
      `conv2d and its gradients, ${pad}, stride ${stride}`,
      () => [tf.conv2d(image(), filter(), stride, pad), ...gradients((x, w) => tf.conv2d(x, w, stride, pad), filter)()],
    ]),
  ),
  ['conv2d with dilation', () => tf.conv2d(image(), filter(), 1, 'valid', 'NHWC', 2)],
  [
    'conv2d with explicit padding',
    () =>
      tf.conv2d(image(), filter(), 1, [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ]),
  ],
  ['conv2dTranspose', () => tf.conv2dTranspose(random([2, 4, 4, 4]) as tf.Tensor4D, filter(), [2, 8, 8, 3], 2, 'same')],
  [
    'fused conv2d',
    () =>
      tf.fused.conv2d({ x: image(), filter: filter(), strides: 1, pad: 'same', bias: random([4]), activation: 'relu' }),
  ],
  [
    'fused depthwiseConv2d',
    () =>
      tf.fused.depthwiseConv2d({
        x: image(),
        filter: random([3, 3, 3, 2]) as tf.Tensor4D,
        strides: 1,
        pad: 'same',
        activation: 'leakyrelu',
        leakyreluAlpha: 0.3,
      }),
  ],
  ['depthwiseConv2d', () => tf.depthwiseConv2d(image(), random([3, 3, 3, 2]) as tf.Tensor4D, 1, 'same')],
  ['separableConv2d', () => tf.separableConv2d(image(), random([3, 3, 3, 1]) as tf.Tensor4D, filter(1), 1, 'valid')],
  ...(['same', 'valid'] as const).flatMap((pad): Case[] =>
    ([2, 1] as const).flatMap((stride): Case[] => [
      [`maxPool, ${pad}, stride ${stride}`, () => tf.maxPool(image(), 2, stride, pad)],
      [`avgPool, ${pad}, stride ${stride}`, () => tf.avgPool(image(), 3, stride, pad)],
      [
        `gradient of maxPool, ${pad}, stride ${stride}`,
        () => tf.grad((x: tf.Tensor) => tf.square(tf.maxPool(x as tf.Tensor4D, 3, stride, pad)))(image()),
      ],
    ]),
  ),
  [
    'gradient of avgPool',
    () => tf.grad((x: tf.Tensor) => tf.square(tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid')))(image()),
  ],
  ['batchNorm', () => tf.batchNorm(image(), random([3]), random([3], 0.1, 2), random([3]), random([3]))],
  ['resizeBilinear', () => tf.image.resizeBilinear(image(), [5, 6])],
];

const overflowing = () => tf.tensor1d([0.5, -0.5, 2 ** 31, -3e9, 1e10, 2 ** 63, 1e30, NaN, Infinity, -Infinity]);
const integers = () => tf.tensor1d([0, 1, -1, 2, -3, 7, 2147483647, -2147483648], 'int32');
const oddImage = () => random([1, 5, 5, 2]) as tf.Tensor4D;
/** Cases that ONNX leaves open, or does otherwise than JavaScript. */
const extremes: Case[] = [
  ['cast to int32 of what does not fit', () => tf.cast(overflowing(), 'int32')],
  ['floorDiv of what does not fit', () => tf.floorDiv(overflowing(), tf.scalar(0.5))],
  ['pow of int32', () => tf.pow(integers().reshape([8, 1]), tf.tensor1d([-2, -1, 0, 1, 3], 'int32'))],
  ['pad with -0', () => tf.reciprocal(tf.pad1d(tf.tensor1d([1]), [1, 0], -0))],
  ['pad with 0, in the same graph', () => tf.reciprocal(tf.pad1d(tf.tensor1d([1]), [1, 0], 0))],
  [
    'prelu with a slope of NaN or infinity',
    () => tf.prelu(special(), tf.tensor2d([[NaN], [Infinity], [-Infinity]]) as never),
  ],
  [
    'conv2d with a filter larger than the image',
    () => tf.conv2d(oddImage(), random([6, 6, 2, 3]) as tf.Tensor4D, 1, 0),
  ],
  [
    'depthwiseConv2d with a filter larger than the image',
    () => tf.depthwiseConv2d(oddImage(), random([6, 6, 2, 1]) as tf.Tensor4D, 1, 'valid'),
  ],
  ['avgPool with a window larger than the image', () => tf.avgPool(oddImage(), 6, 1, 'valid')],
  ...(['floor', 'round', 'ceil'] as const).flatMap((rounding): Case[] =>
    [1, 2, 3].flatMap((size): Case[] => {
      const weights = () => random([size, size, 2, 2]) as tf.Tensor4D;
      const name = `rounding ${rounding}, size ${size}`;
      return [
        [`maxPool, ${name}`, () => tf.maxPool(oddImage(), size, 2, 0, rounding)],
        [`avgPool, ${name}`, () => tf.avgPool(oddImage(), size, 3, 0, rounding)],
        [`conv2d, ${name}`, () => tf.conv2d(oddImage(), weights(), 3, 0, 'NHWC', 1, rounding)],
        [`depthwiseConv2d, ${name}`, () => tf.depthwiseConv2d(oddImage(), weights(), 2, 0, 'NHWC', 1, rounding)],
        [
          `gradient of conv2d, ${name}`,
          () =>
            tf.grads((a: tf.Tensor, b: tf.Tensor) =>
              tf.square(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 3, 0, 'NHWC', 1, rounding)),
            )([oddImage(), weights()]),
        ],
        [
          `gradient of maxPool, ${name}`,
          () => tf.grad((a: tf.Tensor) => tf.square(tf.maxPool(a as tf.Tensor4D, size, 2, 0, rounding)))(oddImage()),
        ],
      ];
    }),
  ),
];

const groups: Record<string, Case[]> = { unary, binary, products, reductions, shapes, images, extremes };

describe.each(Object.keys(groups))('%s', (group) => {
  beforeAll(async () => {
    await useBackend();
  });
  test.each(groups[group] as Case[])('%s', async (_, run) => {
    await expectSameAsCpu(run, group === 'images' || group === 'extremes' ? 1e-4 : 1e-5);
  });
});
