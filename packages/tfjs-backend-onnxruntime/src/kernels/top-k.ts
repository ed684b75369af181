import type { TopKAttrs, TopKInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** The second lowest finite numbers. */
const nearLowest = { float32: -(2 ** 128 - 2 ** 105), int32: 1 - 2 ** 31 };

/**
 * The largest elements of the last axis and their int32 indices; of equal elements the first. They are in descending order also
 * when no order is asked for.
 */
export const topK = graphKernel<TopKInputs, TopKAttrs>('TopK', ({ inputs: { x }, attrs: { k }, backend, builder }) => {
  if (k < 1 || k > (x.shape.at(-1) ?? 0) || x.dtype === 'bool') return undefined;
  const value = backend.value(x);
  const axis = x.shape.length - 1;
  const isFilledUp = builder.differs('topKFillsUp');
  const limit = () => builder.scalar(value.type === 'int32' ? nearLowest.int32 : nearLowest.float32, value.type);
  const sorted = isFilledUp ? builder.binary('Max', value, limit()) : value;
  const shape = [...x.shape.slice(0, -1), k];
  const [values, indices] = builder.operatorOf(
    'TopK',
    [sorted, builder.integers([k])],
    [
      { type: value.type, shape },
      { type: 'int64', shape },
    ],
  );
  if (!values || !indices) return undefined;
  const largest = isFilledUp ? builder.operator('GatherElements', [value, indices], values, { axis }) : values;
  return [backend.tensor(largest), backend.tensor(builder.cast(indices, 'int32'))];
});
