import type { TopKAttrs, TopKInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/**
 * The largest elements of the last axis and their int32 indices; of equal elements the first. They are in descending order also
 * when no order is asked for.
 */
export const topK = graphKernel<TopKInputs, TopKAttrs>('TopK', ({ inputs: { x }, attrs: { k }, backend, builder }) => {
  if (k < 1 || k > (x.shape.at(-1) ?? 0) || x.dtype === 'bool') return undefined;
  const value = backend.value(x);
  const shape = [...x.shape.slice(0, -1), k];
  const [values, indices] = builder.operatorOf(
    'TopK',
    [value, builder.integers([k])],
    [
      { type: value.type, shape },
      { type: 'int64', shape },
    ],
  );
  if (!values || !indices) return undefined;
  return [backend.tensor(values), backend.tensor(builder.cast(indices, 'int32'))];
});
