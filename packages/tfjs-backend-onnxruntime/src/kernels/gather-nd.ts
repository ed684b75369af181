import type { GatherNdInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { flatIndices } from '../operators/indices.ts';
import { graphKernel } from './kernel.ts';

/** Picks slices by the coordinates in the last axis of `indices`. */
export const gatherNd = graphKernel<GatherNdInputs>('GatherNd', ({ inputs: { params, indices }, backend, builder }) => {
  const depth = indices.shape.at(-1) ?? 0;
  // The cpu kernel says what is wrong with shapes that do not fit.
  if (depth === 0 || depth > params.shape.length || indices.dtype !== 'int32') return undefined;
  const value = backend.value(params);
  const [outer, inner] = [params.shape.slice(0, depth), params.shape.slice(depth)];
  const slices = builder.reshape(value, [sizeOf(outer), ...inner]);
  const output = { type: value.type, shape: [...indices.shape.slice(0, -1), ...inner] };
  return backend.tensor(
    builder.operator('Gather', [slices, flatIndices(backend, indices, outer)], output, { axis: 0 }),
  );
});
