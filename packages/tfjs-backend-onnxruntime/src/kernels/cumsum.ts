import { type CumsumAttrs, type CumsumInputs, util } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Running sums along one axis. */
export const cumsum = graphKernel<CumsumInputs, CumsumAttrs>('Cumsum', ({ inputs: { x }, attrs, backend, builder }) => {
  const [axis] = util.parseAxisParam(attrs.axis, x.shape);
  if (axis === undefined || x.dtype === 'bool') return undefined;
  const attributes = { exclusive: attrs.exclusive ? 1 : 0, reverse: attrs.reverse ? 1 : 0 };
  const value = backend.value(x);
  return backend.tensor(builder.operator('CumSum', [value, builder.integers([axis], [])], value, attributes));
});
