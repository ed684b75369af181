import type { BatchMatMulAttrs, BatchMatMulInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Batched matrix product with broadcasting and transposition of either side; float32. */
export const batchMatMul = graphKernel<BatchMatMulInputs, BatchMatMulAttrs>(
  'BatchMatMul',
  ({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend, builder }) => {
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
    return backend.tensor(builder.matMul(backend.value(a), backend.value(b), transposeA, transposeB));
  },
);
