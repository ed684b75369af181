import type { ImagInputs } from '@tensorflow/tfjs-core';
import { copy, isComplex, parts } from '../operators/complex.ts';
import { graphKernel } from './kernel.ts';

/** The imaginary part of a complex tensor. */
export const imag = graphKernel<ImagInputs>(
  'Imag',
  ({ inputs: { input }, backend, builder }) => backend.tensor(copy(builder, parts(backend, input)[1])),
  isComplex,
);
