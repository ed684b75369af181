import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

/** The attributes of ONNX's Conv as the kernels give them. */
interface ConvAttributes {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Elements before the first of every axis, then those after the last. */
  readonly pads: readonly number[];
  readonly group?: number;
}

/**
 * ONNX's Conv: x is [batch, inputs, ...size], the weights [outputs, inputs / group, ...filter size]. Of the windows that fit it
 * gives as many as the result's shape says: tfjs sometimes has fewer, for it takes the filter's height for its width.
 */
export function convOperator(
  builder: GraphBuilder,
  x: Value,
  weights: Value,
  shape: readonly number[],
  attributes: ConvAttributes,
): Value {
  const { strides, dilations, pads, group } = attributes;
  const [befores, afters] = [pads.slice(0, pads.length / 2), pads.slice(pads.length / 2)];
  const size = strides.map((stride, axis) => {
    const room = x.shape[axis + 2]! + befores[axis]! + afters[axis]!;
    const extent = (weights.shape[axis + 2]! - 1) * dilations[axis]! + 1;
    return Math.floor((room - extent) / stride) + 1;
  });
  const output = { type: 'float32', shape: [...shape.slice(0, 2), ...size] } as const;
  let [image, imagePads] = [x, pads];
  if (builder.differs('convIgnoresEndPadding') && isTakenForProduct(x, weights, befores)) {
    // A Concat: ONNX Runtime would make pads of an operator for padding again.
    image = afters.reduce((wider, count, axis) => extended(builder, wider, axis + 2, count), x);
    imagePads = pads.map(() => 0);
  }
  const all = { strides, dilations, pads: imagePads, ...(group === undefined ? {} : { group }) };
  const result = builder.operator('Conv', [image, weights], output, all);
  return builder.slice(result, new Array(shape.length).fill(0), shape);
}

/**
 * Whether a kernel may make a matrix product of it: the filter is as large as the image, or one element, and nothing is added
 * before the image.
 */
function isTakenForProduct(x: Value, weights: Value, befores: readonly number[]): boolean {
  const [image, filter] = [x.shape.slice(2), weights.shape.slice(2)];
  if (befores.some((count) => count > 0)) return false;
  return filter.every((size) => size === 1) || filter.every((size, axis) => size === image[axis]);
}

/** With zeros after the last element of one axis. */
function extended(builder: GraphBuilder, x: Value, axis: number, count: number): Value {
  if (count === 0) return x;
  const shape = x.shape.map((size, index) => (index === axis ? count : size));
  return builder.concat([x, builder.filled(0, { type: 'float32', shape })], axis);
}
