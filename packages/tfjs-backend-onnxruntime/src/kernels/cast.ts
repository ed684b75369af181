import type { CastAttrs, CastInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Between float32, int32 and bool. */
export const cast = graphKernel<CastInputs, CastAttrs>(
  'Cast',
  ({ inputs: { x }, attrs: { dtype }, backend, builder }) => {
    if (dtype === x.dtype) return backend.alias(x);
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') return undefined;
    const value = backend.value(x);
    return backend.tensor(dtype === 'int32' ? builder.truncate(value) : builder.cast(value, dtype));
  },
);
