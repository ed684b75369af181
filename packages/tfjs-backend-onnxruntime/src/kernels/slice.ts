import { type SliceAttrs, type SliceInputs, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import { graphKernel } from './kernel.ts';

/** A part of a tensor. The starts are a leaf: a loop that walks over a tensor keeps one graph. */
export const sliceKernel = graphKernel<SliceInputs, SliceAttrs>('Slice', ({ inputs: { x }, attrs, backend }) => {
  const [begin, size] = slice_util.parseSliceParams(x as never, attrs.begin, attrs.size) as [number[], number[]];
  slice_util.assertParamsValid(x as never, begin, size);
  return slice(backend, x, begin, size);
});

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
