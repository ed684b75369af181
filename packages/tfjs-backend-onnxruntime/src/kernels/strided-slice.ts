import { type StridedSliceAttrs, type StridedSliceInputs, slice_util } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Every so many elements of a part of a tensor. */
export const stridedSlice = graphKernel<StridedSliceInputs, StridedSliceAttrs>(
  'StridedSlice',
  ({ inputs: { x }, attrs, backend, builder }) => {
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
  },
);
