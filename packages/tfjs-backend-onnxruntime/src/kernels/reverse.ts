import { type ReverseAttrs, type ReverseInputs, util } from '@tensorflow/tfjs-core';
import { reversed } from '../operators/reversed.ts';
import { graphKernel } from './kernel.ts';

/** Reverses the order along some axes. */
export const reverse = graphKernel<ReverseInputs, ReverseAttrs>(
  'Reverse',
  ({ inputs: { x }, attrs: { dims }, backend, builder }) => {
    const axes = util.parseAxisParam(dims, x.shape);
    return axes.length === 0 ? backend.alias(x) : backend.tensor(reversed(builder, backend.value(x), axes));
  },
);
