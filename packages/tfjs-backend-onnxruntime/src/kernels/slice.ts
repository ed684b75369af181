import { type SliceAttrs, type SliceInputs, slice_util, type Tensor, util } from '@tensorflow/tfjs-core';
import { copyOf } from '../graph/leaf.ts';
import { graphKernel } from './kernel.ts';

/** A part of a tensor. The starts are a leaf: a loop that walks over a tensor keeps one graph. */
export const sliceKernel = graphKernel<SliceInputs, SliceAttrs>(
  'Slice',
  ({ inputs: { x }, attrs, backend, builder }) => {
    // These take tensors, and look at nothing but the shape.
    const tensor = x as Tensor;
    const [begin = [], size = []] = slice_util.parseSliceParams(tensor, attrs.begin, attrs.size);
    slice_util.assertParamsValid(tensor, begin, size);
    const axes = [...x.shape.keys()].filter((axis) => size[axis] !== x.shape[axis]);
    if (axes.length === 0) return backend.alias(x);
    const value = backend.value(x);
    if (util.sizeFromShape(size) === 0) return backend.tensor(backend.leaf(copyOf([], x.dtype), size));
    const leaf = (values: number[]) => backend.leaf(BigInt64Array.from(values, BigInt), [values.length]);
    const starts = leaf(axes.map((axis) => begin[axis]!));
    const ends = leaf(axes.map((axis) => begin[axis]! + size[axis]!));
    const output = { type: value.type, shape: size };
    return backend.tensor(builder.operator('Slice', [value, starts, ends, builder.integers(axes)], output));
  },
);
