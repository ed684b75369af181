import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

type Paddings = readonly (readonly number[])[];

/** Whether there is nothing to add. */
export const changesNothing = (paddings: Paddings) => paddings.every(([before, after]) => before === 0 && after === 0);

/** The value with elements of one number before and after each axis. */
export function padded(builder: GraphBuilder, value: Value, paddings: Paddings, constantValue: number): Value {
  if (changesNothing(paddings)) return value;
  const befores = paddings.map(([before = 0]) => before);
  const afters = paddings.map(([, after = 0]) => after);
  const shape = value.shape.map((size, axis) => size + (befores[axis] ?? 0) + (afters[axis] ?? 0));
  const fill = builder.scalar(constantValue, value.type);
  return builder.operator('Pad', [value, builder.integers([...befores, ...afters]), fill], { type: value.type, shape });
}
