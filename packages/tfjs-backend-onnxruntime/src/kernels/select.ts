import type { SelectInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Elements of `t` where the condition holds and of `e` elsewhere. A vector condition chooses whole rows. */
export const select = graphKernel<SelectInputs>('Select', ({ inputs: { condition, t, e }, backend, builder }) => {
  if (t.dtype !== e.dtype) return undefined;
  const rowWise = condition.shape.length === 1 && t.shape.length > 1;
  const shape = rowWise ? [condition.shape[0]!, ...t.shape.slice(1).map(() => 1)] : condition.shape;
  const where = builder.reshape(builder.cast(backend.value(condition), 'bool'), shape);
  const [chosen, other] = [backend.value(t), backend.value(e)];
  const type = chosen.type === 'bool' ? 'int32' : chosen.type;
  const result = builder.where(where, builder.cast(chosen, type), builder.cast(other, type));
  return backend.tensor(builder.cast(result, chosen.type));
});
