import type {
  ScatterNdAttrs,
  ScatterNdInputs,
  TensorInfo,
  TensorScatterUpdateInputs,
  UnsortedSegmentSumAttrs,
  UnsortedSegmentSumInputs,
} from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { sizeOf, type Value } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { replaceRows } from './replace-rows.ts';

/** UnsortedSegmentSum and ScatterNd: sums of rows that share an index. TensorScatterUpdate: rows that are replaced. */
export const scatterKernels: readonly GraphKernel[] = [
  graphKernel<UnsortedSegmentSumInputs, UnsortedSegmentSumAttrs>(
    'UnsortedSegmentSum',
    ({ inputs: { x, segmentIds }, attrs: { numSegments }, backend, builder }) => {
      if (x.dtype === 'bool' || numSegments < 1) return undefined;
      const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
      const ids = builder.cast(backend.value(segmentIds), 'int32');
      return backend.tensor(addRows(builder, shape, ids, backend.value(x), true));
    },
  ),
  graphKernel<ScatterNdInputs, ScatterNdAttrs>(
    'ScatterNd',
    ({ inputs: { indices, updates }, attrs: { shape }, backend, builder }) => {
      const depth = indices.shape.at(-1) ?? 0;
      if (updates.dtype === 'bool' || indices.shape.length < 2 || depth === 0 || sizeOf(shape) === 0) return undefined;
      const row = positions(backend, builder, indices, shape.slice(0, depth));
      const rows = [sizeOf(shape.slice(0, depth)), ...shape.slice(depth)];
      return backend.tensor(builder.reshape(addRows(builder, rows, row, backend.value(updates), false), shape));
    },
  ),
  graphKernel<TensorScatterUpdateInputs>(
    'TensorScatterUpdate',
    ({ inputs: { tensor, indices, updates }, backend, builder }) => {
      if (tensor.dtype === 'bool' || indices.shape.length < 2 || indices.shape.at(-1) === 0) return undefined;
      const target = backend.value(tensor);
      if (builder.differs('scatterRaces')) {
        const depth = indices.shape.at(-1)!;
        const row = positions(backend, builder, indices, tensor.shape.slice(0, depth));
        const rows = [sizeOf(tensor.shape.slice(0, depth)), sizeOf(tensor.shape.slice(depth))];
        const flat = builder.reshape(target, rows);
        const values = builder.reshape(backend.value(updates), [row.size, rows[1]!]);
        const replaced = replaceRows(backend, builder, flat, builder.reshape(row, [row.size]), values);
        return backend.tensor(builder.reshape(replaced, tensor.shape));
      }
      if (indices.shape.at(-1) !== tensor.shape.length) {
        const coordinates = builder.cast(backend.value(indices), 'int64');
        return backend.tensor(builder.operator('ScatterND', [target, coordinates, backend.value(updates)], target));
      }
      // Single elements, by their positions in the flat tensor: ScatterElements works in place where it can.
      const position = positions(backend, builder, indices, tensor.shape);
      const flat = builder.reshape(target, [target.size]);
      const values = builder.reshape(backend.value(updates), [position.size]);
      const inputs = [flat, builder.reshape(position, [position.size]), values];
      const scattered = builder.operator('ScatterElements', inputs, flat, { axis: 0 });
      return backend.tensor(builder.reshape(scattered, tensor.shape));
    },
  ),
];

/** Coordinates in the last axis become the number of an element in a flat tensor of this shape. */
export function positions(
  backend: OnnxRuntimeBackend,
  builder: GraphBuilder,
  indices: TensorInfo,
  shape: readonly number[],
): Value {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const weights = backend.leaf(Int32Array.from(strides), [strides.length]);
  const coordinates = builder.binary('Mul', builder.cast(backend.value(indices), 'int32'), weights);
  return builder.reduce('ReduceSum', coordinates, [indices.shape.length - 1], false);
}

/**
 * Zeros of `shape`, with every row of `updates` added at its index.
 * ScatterND would be the natural operator, but its CPU kernel races on repeated indices when it has two threads
 * (onnxruntime issues 18048 and 23396). ScatterElements adds in one thread.
 */
function addRows(
  builder: GraphBuilder,
  shape: readonly number[],
  indices: Value,
  updates: Value,
  dropOutside: boolean,
): Value {
  const [rows, ...inner] = shape as [number, ...number[]];
  const width = sizeOf(inner);
  const count = indices.size;
  let index = builder.reshape(indices, [count, 1]);
  let rowsToAdd = builder.reshape(updates, [count, width]);
  if (dropOutside) {
    // tfjs ignores rows whose index is outside; ONNX would wrap or fail: they become zeros added to row 0.
    const zero = builder.scalar(0, 'int32');
    const clipped = builder.operator('Clip', [index, zero, builder.scalar(rows - 1, 'int32')], index);
    const inside = builder.cast(builder.binary('Equal', index, clipped, 'bool'), updates.type);
    rowsToAdd = builder.binary('Mul', rowsToAdd, inside);
    index = clipped;
  }
  const zeros = builder.filled(0, { type: updates.type, shape: [rows, width] });
  const sums = builder.operator(
    'ScatterElements',
    [zeros, builder.expand(index, [count, width]), rowsToAdd],
    { type: updates.type, shape: [rows, width] },
    { axis: 0, reduction: 'add' },
  );
  return builder.reshape(sums, shape);
}
