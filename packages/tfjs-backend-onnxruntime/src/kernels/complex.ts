import type { ComplexInputs, TensorInfo } from '@tensorflow/tfjs-core';
import { copy } from '../operators/complex.ts';
import { graphKernel } from './kernel.ts';

/** A complex tensor of two parts. */
export const complex = graphKernel<ComplexInputs>('Complex', ({ inputs: { real, imag }, backend, builder }) => {
  const [re, im] = [real, imag].map((part) => {
    const value = builder.cast(backend.value(part), 'float32');
    return backend.tensor(copy(builder, value));
  }) as [TensorInfo, TensorInfo];
  return backend.complexTensor(re, im);
});
