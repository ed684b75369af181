import type { GraphBuilder } from '../graph/builder.ts';
import { sizeOf, type Value } from '../graph/value.ts';
import { padded } from './padded.ts';
import {
  channelsFirst,
  channelsLast,
  filterSize,
  inputSize,
  outputSize,
  type WindowAxis,
  type Windows,
} from './windows.ts';

/*
 * The windows of a pool, element by element, for devices whose operators do not say which element is the largest. Windows
 * must have no dilation: tfjs moves the elements of dilated ones together first.
 */

/**
 * The gradient of the largest element of every window; of equal elements the first or the last gets it. x and dy have their
 * channels last, and so does the result.
 */
export function largestElementGradient(
  builder: GraphBuilder,
  x: Value,
  dy: Value,
  windows: Windows,
  ofEqual: 'first' | 'last',
): Value {
  const elements = windowElements(builder, imagesOf(builder, x), windows, Number.NEGATIVE_INFINITY);
  const axis = elements.shape.length - 1;
  const column = [...elements.shape.slice(0, -1), 1];
  // Not by ArgMax: its whole numbers have 64 bits, which WebGPU hands to the cpu.
  const comparable = builder.where(
    builder.isNaN(elements),
    builder.scalar(Number.NEGATIVE_INFINITY, 'float32'),
    elements,
  );
  const isLargest = builder.binary('Equal', comparable, builder.reduce('ReduceMax', comparable, [axis], true), 'bool');
  const numbers = builder.floats(Array.from({ length: elements.shape[axis]! }, (_, element) => element));
  const [other, chosen] = ofEqual === 'first' ? [numbers.shape[0]!, 'ReduceMin'] : [-1, 'ReduceMax'];
  const candidates = builder.where(isLargest, numbers, builder.scalar(other, 'float32'));
  const isChosen = builder.binary('Equal', numbers, builder.reduce(chosen, candidates, [axis], true), 'bool');
  const gradients = builder.reshape(imagesOf(builder, dy), column);
  return gradientOf(builder, builder.where(isChosen, gradients, builder.scalar(0, 'float32')), windows);
}

/** The gradient of the mean of every window: see averagePoolGradient. dy has its channels last, and so does the result. */
export function meanGradient(builder: GraphBuilder, dy: Value, windows: Windows): Value {
  const count = sizeOf(filterSize(windows));
  const parts = builder.binary('Mul', imagesOf(builder, dy), builder.scalar(1 / count, 'float32'));
  const column = builder.reshape(parts, [...parts.shape, 1]);
  return gradientOf(builder, builder.expand(column, [...parts.shape, count]), windows);
}

/** Every channel as an image of its own: [images, ...size]. */
function imagesOf(builder: GraphBuilder, x: Value): Value {
  const images = channelsFirst(builder, x);
  const [batchSize = 1, channels = 1, ...size] = images.shape;
  return builder.reshape(images, [batchSize * channels, ...size]);
}

/** Sums of what the elements of windows get, with channels last. */
function gradientOf(builder: GraphBuilder, elements: Value, windows: Windows): Value {
  const { batchSize, inChannels } = windows;
  const sums = addWindowElements(builder, elements, windows);
  return channelsLast(builder, builder.reshape(sums, [batchSize, inChannels, ...inputSize(windows)]));
}

/** The elements of every window of x, [images, ...input size], as [images, ...output size, elements]; padding has its own. */
function windowElements(builder: GraphBuilder, x: Value, windows: Windows, padding: number): Value {
  const margins = windows.axes.map(({ before, after }) => [before, after]);
  let elements = padded(builder, x, [[0, 0], ...margins], padding);
  for (const [index, axis] of windows.axes.entries()) elements = gathered(builder, elements, index + 1, axis);
  const images = x.shape[0]!;
  const pairs = builder.reshape(elements, [images, ...windows.axes.flatMap(({ output, filter }) => [output, filter])]);
  const axes = [...windows.axes.keys()];
  const order = [...axes.map((axis) => 2 * axis + 1), ...axes.map((axis) => 2 * axis + 2)];
  const ordered = builder.transpose(pairs, [0, ...order]);
  return builder.reshape(ordered, [images, ...outputSize(windows), sizeOf(filterSize(windows))]);
}

/** The reverse: sums of the elements of windows, [images, ...output size, elements], where they lie in [images, ...input size]. */
function addWindowElements(builder: GraphBuilder, elements: Value, windows: Windows): Value {
  const images = elements.shape[0]!;
  const separate = builder.reshape(elements, [images, ...outputSize(windows), ...filterSize(windows)]);
  const order = [...windows.axes.keys()].flatMap((axis) => [1 + axis, 1 + windows.axes.length + axis]);
  let sums = builder.transpose(separate, [0, ...order]);
  for (const [index, axis] of windows.axes.entries()) sums = overlapped(builder, sums, index + 1, axis);
  return builder.reshape(sums, [images, ...inputSize(windows)]);
}

/** One axis becomes its windows one after the other. */
function gathered(builder: GraphBuilder, x: Value, at: number, { output, filter, stride }: WindowAxis): Value {
  const shape = x.shape.with(at, output * filter);
  if (filter === stride) return builder.slice(x, new Array(shape.length).fill(0), shape);
  const places = Array.from({ length: output }, (_, window) =>
    Array.from({ length: filter }, (_, element) => window * stride + element),
  );
  return builder.operator('Gather', [x, builder.integers(places.flat())], { type: x.type, shape }, { axis: at });
}

/**
 * Two axes, windows and their elements, become one of the input: every window is cut in parts as long as the stride. All
 * windows' first parts make one row without overlap, their second parts another that begins one stride later, and so on.
 */
function overlapped(builder: GraphBuilder, x: Value, at: number, axis: WindowAxis): Value {
  const { input, output, filter, stride, before } = axis;
  const parts = Math.ceil(filter / stride);
  const [outer, inner] = [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at + 2))];
  const flat = builder.reshape(x, [outer, output, filter, inner]);
  const whole = padded(builder, flat, along(4, 2, [0, parts * stride - filter]), 0);
  const cut = builder.reshape(whole, [outer, output, parts, stride * inner]);
  let sum: Value | undefined;
  for (let part = 0; part < parts; part++) {
    const one = builder.slice(cut, [0, 0, part, 0], [outer, output, 1, stride * inner]);
    const row = builder.reshape(one, [outer, output * stride, inner]);
    const shifted = padded(builder, row, along(3, 1, [part * stride, (parts - 1 - part) * stride]), 0);
    sum = sum ? builder.binary('Add', sum, shifted) : shifted;
  }
  // Without the padding; and zeros where no window reached.
  const length = (output + parts - 1) * stride;
  const reach = Math.max(length, before + input);
  const extended = padded(builder, sum!, along(3, 1, [0, reach - length]), 0);
  const row = builder.slice(extended, [0, before, 0], [outer, input, inner]);
  return builder.reshape(row, [...x.shape.slice(0, at), input, ...x.shape.slice(at + 2)]);
}

/** Margins of a tensor that are not zero along one axis. */
const along = (rank: number, axis: number, margin: readonly [number, number]) =>
  Array.from({ length: rank }, (_, index) => (index === axis ? margin : [0, 0]));
