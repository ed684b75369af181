import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

/** Slices along one axis, by indices that are known when the graph is recorded. */
export function pick(builder: GraphBuilder, x: Value, indices: readonly number[], axis: number): Value {
  if (indices.length === x.shape[axis] && indices.every((index, at) => index === at)) return x;
  const shape = x.shape.map((size, at) => (at === axis ? indices.length : size));
  return builder.operator('Gather', [x, builder.integers(indices)], { type: x.type, shape }, { axis });
}
