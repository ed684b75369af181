import type { OnnxRuntimeBackend } from '../backend.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { sizeOf, type Value } from '../graph/value.ts';

/**
 * A tensor of [rows, width] with rows replaced by those of `updates`, [count, width], at their index, [count]; of several for
 * one row the last. This form is for devices whose operators write repeated indices in any order, or at the same time: they
 * agree about the largest of several numbers. What is outside is left out.
 */
export function replaceRows(
  backend: OnnxRuntimeBackend,
  builder: GraphBuilder,
  target: Value,
  index: Value,
  updates: Value,
): Value {
  const rows = target.shape[0]!;
  const numbers = backend.leaf(
    Int32Array.from({ length: index.size }, (_, number) => number),
    [index.size],
  );
  const isInside = builder.binary(
    'And',
    builder.binary('GreaterOrEqual', index, builder.scalar(0, 'int32'), 'bool'),
    builder.binary('Less', index, builder.scalar(rows, 'int32'), 'bool'),
    'bool',
  );
  const none = builder.scalar(-1, 'int32');
  const last = builder.operator(
    'ScatterElements',
    [
      builder.filled(-1, { type: 'int32', shape: [rows] }),
      builder.where(isInside, index, builder.scalar(0, 'int32')),
      builder.where(isInside, numbers, none),
    ],
    { type: 'int32', shape: [rows] },
    { axis: 0, reduction: 'max' },
  );
  const update = builder.binary('Max', last, builder.scalar(0, 'int32'));
  const replaced = builder.operator('Gather', [updates, update], target, { axis: 0 });
  const isReplaced = builder.reshape(builder.binary('Greater', last, none, 'bool'), [rows, 1]);
  return builder.where(isReplaced, replaced, target);
}

/**
 * Zeros of `shape`, with every row of `updates` added at its index.
 * ScatterND would be the natural operator, but its CPU kernel races on repeated indices when it has two threads
 * (onnxruntime issues 18048 and 23396). ScatterElements adds in one thread.
 */
export function addRows(
  builder: GraphBuilder,
  shape: readonly number[],
  indices: Value,
  updates: Value,
  dropOutside: boolean,
): Value {
  const rows = shape[0]!;
  const width = sizeOf(shape.slice(1));
  const count = indices.size;
  let index = builder.reshape(indices, [count, 1]);
  let rowsToAdd = builder.reshape(updates, [count, width]);
  if (dropOutside) {
    // tfjs ignores rows whose index is outside; ONNX would wrap or fail: they become zeros added to row 0.
    const zero = builder.scalar(0, 'int32');
    // Not Clip, which has no kernel for whole numbers on CUDA.
    const clipped = builder.binary('Min', builder.binary('Max', index, zero), builder.scalar(rows - 1, 'int32'));
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
