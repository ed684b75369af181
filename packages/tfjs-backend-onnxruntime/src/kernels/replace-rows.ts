import type { OnnxRuntimeBackend } from '../backend.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

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
  const [rows] = target.shape as [number, number];
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
