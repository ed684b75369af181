import { type SoftmaxAttrs, type SoftmaxInputs, util } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Softmax along one axis, as float32. */
export const softmax = graphKernel<SoftmaxInputs, SoftmaxAttrs>(
  'Softmax',
  ({ inputs: { logits }, attrs: { dim }, backend, builder }) => {
    const [axis] = util.parseAxisParam(dim, logits.shape);
    if (axis === undefined) return undefined;
    const x = builder.cast(backend.value(logits), 'float32');
    const softmax = builder.unary('Softmax', x, { axis });
    if (!builder.differs('softmaxLosesNaN')) return backend.tensor(softmax);
    // Zeros in place of NaN, divided by their sum, are NaN again.
    const sums = builder.reduce('ReduceSum', softmax, [axis], true);
    return backend.tensor(builder.binary('Div', softmax, sums));
  },
);
