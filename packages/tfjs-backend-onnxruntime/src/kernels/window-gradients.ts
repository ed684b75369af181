import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { excess, filterSize, inputSize, type Windows, windowAttributes } from './windows.ts';

/**
 * Adds every element of dy, times the filter, to the elements of its window: the gradient of a convolution's input.
 * dy is [batch, outputs, ...output size] and the weights [outputs, inputs / groups, ...filter size]; the result is
 * [batch, inputs, ...input size].
 */
export function spreadOverWindows(
  builder: GraphBuilder,
  dy: Value,
  weights: Value,
  windows: Windows,
  group = 1,
): Value {
  const { strides, dilations, pads } = windowAttributes(windows);
  // Rows that no window reached, because the stride did not divide the input, get their zeros from output padding.
  const unreached = windows.axes.map((axis) => axis.after - excess(axis));
  const shape = [dy.shape[0] as number, (weights.shape[1] as number) * group, ...inputSize(windows)];
  return builder.operator(
    'ConvTranspose',
    [dy, weights],
    { type: 'float32', shape },
    { strides, dilations, pads, output_padding: unreached, group },
  );
}

/**
 * Sums of products of the windows with dy: the gradient of a convolution's filter, which is a convolution where batch and
 * channels change places, and strides and dilations do too. Images are [a, batch * groups, ...input size] and dy
 * [b, batch, ...output size]; the result is [a, b, ...filter size].
 */
export function correlateWindows(builder: GraphBuilder, images: Value, dy: Value, windows: Windows, group = 1): Value {
  const { strides, dilations, pads } = windowAttributes(windows);
  const size = windows.axes.map(
    ({ input, output, stride, dilation, before, after }) =>
      Math.floor((input + before + after - ((output - 1) * stride + 1)) / dilation) + 1,
  );
  const [rows, columns] = [images.shape[0] as number, dy.shape[0] as number];
  const sums = builder.operator(
    'Conv',
    [images, dy],
    { type: 'float32', shape: [rows, columns, ...size] },
    { strides: dilations, dilations: strides, pads, group },
  );
  // Rows beyond the filter come from input that no window reached.
  const wanted = [rows, columns, ...filterSize(windows)];
  return builder.slice(sums, new Array(wanted.length).fill(0), wanted);
}
