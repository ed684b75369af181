import type { TileAttrs, TileInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Repeats a tensor along its axes. */
export const tile = graphKernel<TileInputs, TileAttrs>(
  'Tile',
  ({ inputs: { x }, attrs: { reps }, backend, builder }) => {
    const shape = x.shape.map((size, axis) => size * reps[axis]!);
    if (reps.every((count) => count === 1)) return backend.alias(x);
    if (reps.includes(0)) return undefined;
    const value = backend.value(x);
    // Repeating single elements is broadcasting, which other operators do without a copy.
    if (x.shape.every((size, axis) => size === 1 || reps[axis] === 1)) {
      return backend.tensor(builder.expand(value, shape));
    }
    return backend.tensor(builder.operator('Tile', [value, builder.integers(reps)], { type: value.type, shape }));
  },
);
