import { type ReverseAttrs, type ReverseInputs, util } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

const beforeTheFirst = -(2 ** 31);

/** Reverses the order along some axes. */
export const reverse = graphKernel<ReverseInputs, ReverseAttrs>(
  'Reverse',
  ({ inputs: { x }, attrs: { dims }, backend, builder }) => {
    const axes = util.parseAxisParam(dims, x.shape);
    if (axes.length === 0) return backend.alias(x);
    const each = (value: number) => builder.integers(axes.map(() => value));
    const value = backend.value(x);
    return backend.tensor(
      builder.operator('Slice', [value, each(-1), each(beforeTheFirst), builder.integers(axes), each(-1)], value),
    );
  },
);
