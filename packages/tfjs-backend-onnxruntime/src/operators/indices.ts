import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import { sizeOf, type Value } from '../graph/value.ts';

/*
 * Indices as tfjs has them: outside a tensor they are errors. Elements that are known are looked at here, once; ONNX Runtime
 * looks at the others when the graph runs, but counts negative ones from the end, so they become one that does not exist.
 */

/** Number of rows that indices were last used for: a gradient that adds rows by the same indices relies on the same check. */
const rowsOfIndices = new WeakMap<Value, number>();

/** Indices of rows. @throws Error where one is known to be outside [0, rows) */
export function rowIndices(backend: OnnxRuntimeBackend, indices: TensorInfo, rows: number): Value {
  const outside = backend.knownElements(indices)?.find((index) => !(index >= 0 && index < rows));
  if (outside !== undefined) throw new Error(`GatherV2: the index value ${outside} is not in [0, ${rows - 1}]`);
  rowsOfIndices.set(rootOf(backend.sharedValue(indices.dataId)), rows);
  return checked(backend, indices, backend.builder.cast(backend.value(indices), 'int32'), rows);
}

/** Indices that were used before for as many rows, where the device refuses what is outside; or undefined. */
export function usedRowIndices(backend: OnnxRuntimeBackend, indices: TensorInfo, rows: number): Value | undefined {
  const { builder } = backend;
  const isUsed = rowsOfIndices.get(rootOf(backend.sharedValue(indices.dataId))) === rows;
  if (!isUsed || builder.differs('indicesAreUnchecked')) return undefined;
  return checked(backend, indices, builder.cast(backend.value(indices), 'int32'), rows);
}

/**
 * Numbers of elements in a flat tensor of this shape, for coordinates in the last axis.
 * @throws Error where one is known not to be there. Like tfjs it does not look at one coordinate by itself
 */
export function flatIndices(backend: OnnxRuntimeBackend, indices: TensorInfo, shape: readonly number[]): Value {
  const { builder } = backend;
  const known = backend.knownElements(indices);
  if (known) assertInside(known, shape);
  const last = indices.shape.length - 1;
  const ones = new Array<number>(shape.length).fill(1);
  const coordinates = builder.split(builder.cast(backend.value(indices), 'int32'), ones, last);
  // Added one by one: a sum of whole numbers is rounded where a device sums as float32.
  const places = coordinates
    .map((each, axis) => {
      const stride = sizeOf(shape.slice(axis + 1));
      return stride === 1 ? each : builder.binary('Mul', each, builder.scalar(stride, 'int32'));
    })
    .reduce((sum, each) => builder.binary('Add', sum, each));
  return checked(backend, indices, builder.reshape(places, indices.shape.slice(0, last)), sizeOf(shape));
}

/** Index `count` in place of negative ones, unless they are the same at every run, or the device would not refuse it. */
function checked(backend: OnnxRuntimeBackend, indices: TensorInfo, index: Value, count: number): Value {
  const { builder } = backend;
  if (backend.isConstant(indices) || builder.differs('indicesAreUnchecked')) return index;
  const isBelow = builder.binary('Less', index, builder.scalar(0, 'int32'), 'bool');
  return builder.where(isBelow, builder.scalar(count, 'int32'), index);
}

/** The value whose elements these are, under another shape or in part. */
function rootOf(value: Value): Value {
  if (value.kind === 'leaf') return value.source ?? value;
  const isPart = value.kind === 'pending' && (value.node.op === 'Reshape' || value.node.op === 'Slice');
  return isPart && value.node.inputs[0] ? rootOf(value.node.inputs[0]) : value;
}

function assertInside(coordinates: ArrayLike<number>, shape: readonly number[]): void {
  const depth = shape.length;
  const size = sizeOf(shape);
  for (let start = 0; start < coordinates.length; start += depth) {
    let place = 0;
    for (let axis = 0; axis < depth; axis++) place = place * shape[axis]! + coordinates[start + axis]!;
    if (place >= 0 && place < size) continue;
    const index = Array.from({ length: depth }, (_, axis) => coordinates[start + axis]);
    throw new Error(`Invalid indices: ${index} does not index into ${shape}`);
  }
}
