import type { ComplexAbsInputs, ComplexInputs, ImagInputs, RealInputs, TensorInfo } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { sizeOf, type Value } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

export const isComplex = ({ dtype, shape }: TensorInfo): boolean => dtype === 'complex64' && sizeOf(shape) > 0;

/** Complex, Real, Imag and ComplexAbs: ONNX has no complex numbers, but here each is a pair of float32 tensors. */
export const complexKernels: readonly GraphKernel[] = [
  graphKernel<ComplexInputs>('Complex', ({ inputs: { real, imag }, backend, builder }) => {
    const [re, im] = [real, imag].map((part) => {
      const value = builder.cast(backend.value(part), 'float32');
      return backend.tensor(copy(builder, value));
    }) as [TensorInfo, TensorInfo];
    return backend.complexTensor(re, im);
  }),
  graphKernel<RealInputs>(
    'Real',
    ({ inputs: { input }, backend, builder }) => backend.tensor(copy(builder, parts(backend, input)[0])),
    isComplex,
  ),
  graphKernel<ImagInputs>(
    'Imag',
    ({ inputs: { input }, backend, builder }) => backend.tensor(copy(builder, parts(backend, input)[1])),
    isComplex,
  ),
  graphKernel<ComplexAbsInputs>(
    'ComplexAbs',
    ({ inputs: { x }, backend, builder }) => backend.tensor(magnitude(builder, ...parts(backend, x))),
    isComplex,
  ),
];

/** A value of its own: a complex tensor and its parts are disposed one without the other. */
function copy(builder: GraphBuilder, value: Value): Value {
  return builder.unary('Identity', value);
}

/** The real and the imaginary part as values. */
export function parts(backend: OnnxRuntimeBackend, x: TensorInfo): [Value, Value] {
  const { real, imag } = backend.complexParts(x) as { real: TensorInfo; imag: TensorInfo };
  return [backend.value({ ...real, shape: x.shape }), backend.value({ ...imag, shape: x.shape })];
}

/** The larger part times sqrt(1 + q^2), where q is the smaller over the larger one: squares of the parts would overflow. */
function magnitude(builder: GraphBuilder, real: Value, imaginary: Value): Value {
  const [a, b] = [builder.unary('Abs', real), builder.unary('Abs', imaginary)];
  const one = builder.scalar(1, 'float32');
  const isLess = builder.binary('Less', a, b, 'bool');
  const larger = builder.where(isLess, b, a);
  const quotient = builder.binary('Div', builder.where(isLess, a, b), larger);
  // 0 / 0 and infinity / infinity.
  const ratio = builder.where(builder.binary('Equal', a, b, 'bool'), one, quotient);
  const length = builder.unary('Sqrt', builder.binary('Add', one, builder.binary('Mul', ratio, ratio)));
  // As for JavaScript, an infinite part makes the other one irrelevant, also if that is not a number.
  const infinity = builder.scalar(Number.POSITIVE_INFINITY, 'float32');
  const [infiniteA, infiniteB] = [a, b].map((part) => builder.binary('Equal', part, infinity, 'bool')) as [
    Value,
    Value,
  ];
  return builder.where(builder.binary('Or', infiniteA, infiniteB), infinity, builder.binary('Mul', larger, length));
}
