import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

const beforeTheFirst = -(2 ** 31);

/** The value in reverse order along these axes, of which there must be one at least. */
export function reversed(builder: GraphBuilder, value: Value, axes: readonly number[]): Value {
  const each = (element: number) => builder.integers(axes.map(() => element));
  return builder.operator('Slice', [value, each(-1), each(beforeTheFirst), builder.integers(axes), each(-1)], value);
}
