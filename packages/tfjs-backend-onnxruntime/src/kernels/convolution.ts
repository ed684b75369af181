import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { correlateWindows, spreadOverWindows } from './window-gradients.ts';
import { channelsFirst, channelsLast, outputSize, type Windows, windowAttributes } from './windows.ts';

/** A convolution: x is [batch, ...size, inputs], the filter [...filter size, inputs, outputs]. */
export function convolve(builder: GraphBuilder, x: Value, filter: Value, windows: Windows): Value {
  const weights = filtersFirst(builder, filter);
  const shape = [windows.batchSize, windows.outChannels, ...outputSize(windows)];
  const attributes = windowAttributes(windows);
  const inputs = [channelsFirst(builder, x), weights];
  return channelsLast(builder, builder.operator('Conv', inputs, { type: 'float32', shape }, attributes));
}

/** Gradient of a convolution's x, from that of its result, [batch, ...output size, outputs]. */
export function convolutionInputGradient(builder: GraphBuilder, dy: Value, filter: Value, windows: Windows): Value {
  const weights = filtersFirst(builder, filter);
  return channelsLast(builder, spreadOverWindows(builder, channelsFirst(builder, dy), weights, windows));
}

/** Gradient of a convolution's filter, from that of its result, [batch, ...output size, outputs]. */
export function convolutionFilterGradient(builder: GraphBuilder, x: Value, dy: Value, windows: Windows): Value {
  const images = lastAxisFirst(builder, x);
  const sums = correlateWindows(builder, images, lastAxisFirst(builder, dy), windows);
  const [inputs, outputs, ...size] = sums.shape.keys();
  return builder.transpose(sums, [...size, inputs as number, outputs as number]);
}

/** [...filter size, inputs, outputs] as [outputs, inputs, ...filter size]. */
function filtersFirst(builder: GraphBuilder, filter: Value): Value {
  const size = [...filter.shape.keys()];
  const outputs = size.pop() as number;
  const inputs = size.pop() as number;
  return builder.transpose(filter, [outputs, inputs, ...size]);
}

function lastAxisFirst(builder: GraphBuilder, x: Value): Value {
  const others = [...x.shape.keys()];
  return builder.transpose(x, [others.pop() as number, ...others]);
}
