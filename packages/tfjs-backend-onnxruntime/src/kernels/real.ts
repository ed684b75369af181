import type { RealInputs } from '@tensorflow/tfjs-core';
import { copy, isComplex, parts } from '../operators/complex.ts';
import { graphKernel } from './kernel.ts';

/** The real part of a complex tensor. */
export const real = graphKernel<RealInputs>(
  'Real',
  ({ inputs: { input }, backend, builder }) => backend.tensor(copy(builder, parts(backend, input)[0])),
  isComplex,
);
