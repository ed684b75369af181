import type { GatherNdInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Picks slices by the coordinates in the last axis of `indices`. */
export const gatherNd = graphKernel<GatherNdInputs>('GatherNd', ({ inputs: { params, indices }, backend, builder }) => {
  const depth = indices.shape.at(-1) ?? 0;
  // The cpu kernel says what is wrong with shapes that do not fit.
  if (depth === 0 || depth > params.shape.length || indices.dtype !== 'int32') return undefined;
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
  const value = backend.value(params);
  const coordinates = builder.cast(backend.value(indices), 'int64');
  return backend.tensor(builder.operator('GatherND', [value, coordinates], { type: value.type, shape }));
});
