import type { FFTInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { isComplex, parts } from '../operators/complex.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

/**
 * The discrete Fourier transform along the last axis of complex numbers, and its inverse, which divides by its length. Where an
 * infinity meets a zero of the sine, which is not quite zero in floating point, NaN or infinity is up to the library.
 */
export const fourierKernels: readonly GraphKernel[] = [['FFT', 0] as const, ['IFFT', 1] as const].map(
  ([name, inverse]) =>
    graphKernel<FFTInputs>(
      name,
      ({ inputs: { input }, backend, builder }) => {
        const length = input.shape.at(-1) ?? 0;
        // tfjs-cpu is more exact at other lengths, where ONNX Runtime adds up products with angles rounded to float32.
        if (length < 1 || (length & (length - 1)) !== 0) return undefined;
        // ONNX has real and imaginary parts side by side.
        const column = [sizeOf(input.shape) / length, length, 1];
        const pairs = builder.concat(
          parts(backend, input).map((part) => builder.reshape(part, column)),
          2,
        );
        const transformed = builder.unary('DFT', pairs, { axis: 1, inverse });
        const part = (index: number) =>
          backend.tensor(builder.reshape(builder.slice(transformed, [0, 0, index], column), input.shape));
        return backend.complexTensor(part(0), part(1));
      },
      isComplex,
    ),
);
