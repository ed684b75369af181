import { type FillAttrs, util, type ZerosLikeInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

/** Fill, ZerosLike and OnesLike. */
export const fillKernels: readonly GraphKernel[] = [
  graphKernel<Record<string, never>, FillAttrs>('Fill', ({ attrs, backend, builder }) => {
    const dtype = attrs.dtype ?? util.inferDtype(attrs.value);
    if (typeof attrs.value !== 'number' || dtype === 'string' || dtype === 'complex64') return undefined;
    if (sizeOf(attrs.shape) === 0) return undefined;
    // The value is a leaf: it may be another one at every step.
    const value = dtype === 'float32' ? Float32Array.of(attrs.value) : Int32Array.of(attrs.value);
    const scalar = dtype === 'bool' ? Uint8Array.of(attrs.value) : value;
    return backend.tensor(builder.expand(backend.leaf(scalar, []), attrs.shape), dtype);
  }),
  ...(['ZerosLike', 'OnesLike'] as const).map((name) =>
    graphKernel<ZerosLikeInputs>(name, ({ inputs: { x }, backend, builder }) => {
      const { type } = backend.value(x);
      return backend.tensor(builder.filled(name === 'OnesLike' ? 1 : 0, { type, shape: x.shape }));
    }),
  ),
];
