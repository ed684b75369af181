import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { convOperator } from './conv-operator.ts';
import { padded } from './padded.ts';
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
  const filters = weights.shape[0]! / group;
  if (builder.differs('convTransposeMixesGroups') && group > 1 && filters > 1) {
    // Each output gets a group of its own, and they are added.
    const [images, ...channels] = [dy.shape[0]!, group, filters];
    const each = spreadOverWindows(builder, dy, weights, windows, group * filters);
    const byFilter = builder.reshape(each, [images, ...channels, ...inputSize(windows)]);
    return builder.reduce('ReduceSum', byFilter, [2], false);
  }
  const { strides, dilations, pads } = windowAttributes(windows);
  // Rows that no window reached, because the stride did not divide the input, get their zeros from output padding.
  const unreached = windows.axes.map((axis) => axis.after - excess(axis));
  const shape = [dy.shape[0]!, weights.shape[1]! * group, ...inputSize(windows)];
  if (windows.axes.some(({ stride, dilation }, axis) => unreached[axis]! >= Math.max(stride, dilation))) {
    // More than ONNX allows: tfjs sometimes has fewer windows than fit, for it takes the filter's height for its width.
    const reached = windows.axes.map((axis) => ({
      ...axis,
      input: axis.input - Math.max(0, -excess(axis)),
      after: Math.max(0, excess(axis)),
    }));
    if (reached.some(({ input }) => input < 1)) return builder.filled(0, { type: 'float32', shape });
    const part = spreadOverWindows(builder, dy, weights, { ...windows, axes: reached }, group);
    const margins = shape.map((size, axis) => [0, size - part.shape[axis]!]);
    return padded(builder, part, margins, 0);
  }
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
  const [rows, columns] = [images.shape[0]!, dy.shape[0]!];
  const attributes = { strides: dilations, dilations: strides, pads, group };
  // Windows beyond the filter's size come from input that no window of the convolution reached.
  return convOperator(builder, images, dy, [rows, columns, ...filterSize(windows)], attributes);
}
