import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { sizeOf, type Value } from '../graph/value.ts';

/** Accepts complex tensors with elements. */
export const isComplex = ({ dtype, shape }: TensorInfo): boolean => dtype === 'complex64' && sizeOf(shape) > 0;

/** A value of its own: a complex tensor and its parts are disposed one without the other. */
export function copy(builder: GraphBuilder, value: Value): Value {
  return builder.unary('Identity', value);
}

/** The real and the imaginary part as values. */
export function parts(backend: OnnxRuntimeBackend, x: TensorInfo): [Value, Value] {
  const { real, imag } = backend.complexParts(x)!;
  return [backend.value({ ...real, shape: x.shape }), backend.value({ ...imag, shape: x.shape })];
}
