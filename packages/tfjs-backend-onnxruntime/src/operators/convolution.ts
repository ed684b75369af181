import type { GraphBuilder } from '../graph/builder.ts';
import { sizeOf, type Value } from '../graph/value.ts';
import { convOperator } from './conv-operator.ts';
import { reversed } from './reversed.ts';
import { correlateWindows, spreadOverWindows } from './window-gradients.ts';
import { channelsFirst, channelsLast, excess, outputSize, type Windows, windowAttributes } from './windows.ts';

/** A convolution: x is [batch, ...size, inputs], the filter [...filter size, inputs, outputs]. */
export function convolve(builder: GraphBuilder, x: Value, filter: Value, windows: Windows): Value {
  const weights = filtersFirst(builder, filter);
  const shape = [windows.batchSize, windows.outChannels, ...outputSize(windows)];
  const attributes = windowAttributes(windows);
  return channelsLast(builder, convOperator(builder, channelsFirst(builder, x), weights, shape, attributes));
}

/** Gradient of a convolution's x, from that of its result, [batch, ...output size, outputs]. */
export function convolutionInputGradient(builder: GraphBuilder, dy: Value, filter: Value, windows: Windows): Value {
  const weights = filtersFirst(builder, filter);
  return channelsLast(builder, spreadOverWindows(builder, channelsFirst(builder, dy), weights, windows));
}

/**
 * Gradient of a convolution's x where all strides are 1: a convolution of dy with the mirrored filter, in which ONNX
 * Runtime is faster than in ConvTranspose for volumes. Undefined for other strides, and for padding beyond the filter.
 */
export function unitStrideInputGradient(
  builder: GraphBuilder,
  dy: Value,
  filter: Value,
  windows: Windows,
): Value | undefined {
  const { batchSize, inChannels, outChannels } = windows;
  const axes = windows.axes.map((axis) => ({
    ...axis,
    input: axis.output,
    output: axis.input,
    before: axis.extent - 1 - axis.before,
    after: axis.extent - 1 - axis.after,
  }));
  if (axes.some(({ stride, before, after }) => stride !== 1 || before < 0 || after < 0)) return undefined;
  const order = [...filter.shape.keys()];
  const mirrored = reversed(builder, filter, order.slice(0, -2));
  const swapped = builder.transpose(mirrored, [...order.slice(0, -2), ...order.slice(-2).reverse()]);
  return convolve(builder, dy, swapped, { batchSize, inChannels: outChannels, outChannels: inChannels, axes });
}

/**
 * Gradient of a convolution's x for any strides, on devices without ConvTranspose for volumes: zeros between the elements of dy
 * make the strides 1. Undefined for padding beyond the filter.
 */
export function spacedInputGradient(
  builder: GraphBuilder,
  dy: Value,
  filter: Value,
  windows: Windows,
): Value | undefined {
  const axes = windows.axes.map((axis) => {
    const output = (axis.output - 1) * axis.stride + 1;
    return { ...axis, output, stride: 1, after: excess(axis) };
  });
  let spaced = dy;
  for (const [index, { output, stride }] of windows.axes.entries()) {
    if (stride === 1) continue;
    const at = index + 1;
    const [outer, inner] = [sizeOf(spaced.shape.slice(0, at)), sizeOf(spaced.shape.slice(at + 1))];
    const column = builder.reshape(spaced, [outer, output, 1, inner]);
    const zeros = builder.filled(0, { type: 'float32', shape: [outer, output, stride - 1, inner] });
    const rows = builder.reshape(builder.concat([column, zeros], 2), [outer, output * stride, inner]);
    const length = (output - 1) * stride + 1;
    spaced = builder.reshape(builder.slice(rows, [0, 0, 0], [outer, length, inner]), spaced.shape.with(at, length));
  }
  return unitStrideInputGradient(builder, spaced, filter, { ...windows, axes });
}

/** Gradient of a convolution's filter, from that of its result, [batch, ...output size, outputs]. */
export function convolutionFilterGradient(builder: GraphBuilder, x: Value, dy: Value, windows: Windows): Value {
  const images = lastAxisFirst(builder, x);
  const sums = correlateWindows(builder, images, lastAxisFirst(builder, dy), windows);
  const [inputs = 0, outputs = 1, ...size] = sums.shape.keys();
  return builder.transpose(sums, [...size, inputs, outputs]);
}

/** [...filter size, inputs, outputs] as [outputs, inputs, ...filter size]. */
function filtersFirst(builder: GraphBuilder, filter: Value): Value {
  const size = [...filter.shape.keys()];
  const outputs = size.pop()!;
  const inputs = size.pop()!;
  return builder.transpose(filter, [outputs, inputs, ...size]);
}

function lastAxisFirst(builder: GraphBuilder, x: Value): Value {
  const others = [...x.shape.keys()];
  return builder.transpose(x, [others.pop()!, ...others]);
}
