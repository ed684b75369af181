import type { ComplexInputs, TensorInfo } from '@tensorflow/tfjs-core';
import { copy } from '../operators/complex.ts';
import { graphKernel } from './kernel.ts';

/** A complex tensor of two parts. */
export const complex = graphKernel<ComplexInputs>('Complex', ({ inputs: { real, imag }, backend, builder }) => {
  const copyOf = (part: TensorInfo) => backend.tensor(copy(builder, builder.cast(backend.value(part), 'float32')));
  return backend.complexTensor(copyOf(real), copyOf(imag));
});
