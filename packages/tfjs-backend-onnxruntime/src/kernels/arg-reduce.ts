import { type ArgMaxAttrs, type ArgMaxInputs, util } from '@tensorflow/tfjs-core';
import { type GraphKernel, graphKernel } from './kernel.ts';

/** The index of the largest or smallest element along one axis, as int32. */
export const argReduceKernels: readonly GraphKernel[] = ['ArgMax', 'ArgMin'].map((op) =>
  graphKernel<ArgMaxInputs, ArgMaxAttrs>(op, ({ inputs: { x }, attrs, backend, builder }) => {
    const [axis] = util.parseAxisParam(attrs.axis, x.shape);
    if (axis === undefined) return undefined;
    const shape = x.shape.filter((_, index) => index !== axis);
    let value = x.dtype === 'bool' ? builder.cast(backend.value(x), 'int32') : backend.value(x);
    if (x.dtype === 'float32') {
      // NaN is neither the largest nor the smallest.
      const isNaNs = builder.isNaN(value);
      const last = builder.scalar(op === 'ArgMax' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY, 'float32');
      value = builder.where(isNaNs, last, value);
    }
    const index = builder.operator(op, [value], { type: 'int64', shape }, { axis, keepdims: 0 });
    return backend.tensor(builder.cast(index, 'int32'));
  }),
);
