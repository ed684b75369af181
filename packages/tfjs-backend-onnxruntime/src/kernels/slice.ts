import {
  type SliceAttrs,
  type SliceInputs,
  type StridedSliceAttrs,
  type StridedSliceInputs,
  slice_util,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

/** Slice and StridedSlice. */
export const sliceKernels: readonly GraphKernel[] = [
  graphKernel<SliceInputs, SliceAttrs>('Slice', ({ inputs: { x }, attrs, backend }) => {
    const [begin, size] = slice_util.parseSliceParams(x as never, attrs.begin, attrs.size) as [number[], number[]];
    slice_util.assertParamsValid(x as never, begin, size);
    return slice(backend, x, begin, size);
  }),
  graphKernel<StridedSliceInputs, StridedSliceAttrs>('StridedSlice', ({ inputs: { x }, attrs, backend, builder }) => {
    const info = slice_util.sliceInfo(
      x.shape,
      attrs.begin,
      attrs.end,
      attrs.strides,
      attrs.beginMask,
      attrs.endMask,
      attrs.ellipsisMask,
      attrs.newAxisMask,
      attrs.shrinkAxisMask,
    );
    if (info.finalShapeSparse.some((size) => size === 0)) return undefined;
    if (info.isIdentity) return backend.alias(x, info.finalShape);
    if (info.strides.some((stride) => stride < 0)) return undefined;
    const axes = x.shape.map((_, axis) => axis);
    const sliced = builder.operator(
      'Slice',
      [
        backend.value(x),
        builder.integers(info.begin),
        builder.integers(info.end),
        builder.integers(axes),
        builder.integers(info.strides),
      ],
      { type: backend.value(x).type, shape: slice_util.computeOutShape(info.begin, info.end, info.strides) },
    );
    return backend.tensor(builder.reshape(sliced, info.finalShape));
  }),
];

/** The starts are a leaf: a loop that walks over a tensor keeps one graph. */
function slice(backend: OnnxRuntimeBackend, x: TensorInfo, begin: readonly number[], size: number[]): TensorInfo {
  const { builder } = backend;
  const axes = x.shape.map((_, axis) => axis).filter((axis) => size[axis] !== x.shape[axis]);
  if (axes.length === 0) return backend.alias(x);
  if (util.sizeFromShape(size) === 0) {
    const value = backend.value(x);
    const empty =
      value.type === 'float32' ? new Float32Array(0) : new (value.type === 'int32' ? Int32Array : Uint8Array)(0);
    return backend.tensor(backend.leaf(empty, size));
  }
  const starts = axes.map((axis) => begin[axis]!);
  const ends = axes.map((axis) => begin[axis]! + size[axis]!);
  const leaf = (values: number[]) => backend.leaf(BigInt64Array.from(values, BigInt), [values.length]);
  const value = backend.value(x);
  return backend.tensor(
    builder.operator('Slice', [value, leaf(starts), leaf(ends), builder.integers(axes)], {
      type: value.type,
      shape: size,
    }),
  );
}
