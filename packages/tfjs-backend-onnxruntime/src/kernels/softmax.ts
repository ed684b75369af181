import { type SoftmaxAttrs, type SoftmaxInputs, util } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Softmax along one axis, as float32. */
export const softmax = graphKernel<SoftmaxInputs, SoftmaxAttrs>(
  'Softmax',
  ({ inputs: { logits }, attrs: { dim }, backend, builder }) => {
    const [axis] = util.parseAxisParam(dim, logits.shape);
    if (axis === undefined) return undefined;
    return backend.tensor(builder.unary('Softmax', builder.cast(backend.value(logits), 'float32'), { axis }));
  },
);
