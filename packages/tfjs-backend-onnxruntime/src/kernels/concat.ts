import {
  backend_util,
  type ConcatAttrs,
  type PackAttrs,
  type TensorInfo,
  type UnpackAttrs,
  type UnpackInputs,
  util,
} from '@tensorflow/tfjs-core';
import { type GraphKernel, graphKernel } from './kernel.ts';

/** Concat, Pack (along a new axis) and Unpack. */
export const concatKernels: readonly GraphKernel[] = [
  graphKernel<TensorInfo[], ConcatAttrs>('Concat', ({ inputs, attrs, backend, builder }) => {
    const tensors = Object.values(inputs);
    const [first] = tensors as [TensorInfo, ...TensorInfo[]];
    if (tensors.some(({ dtype }) => dtype !== first.dtype)) return undefined;
    const [axis] = util.parseAxisParam(attrs.axis, first.shape) as [number];
    if (tensors.length === 1) return backend.alias(first);
    backend_util.assertParamsConsistent(
      tensors.map(({ shape }) => shape),
      axis,
    );
    return backend.tensor(
      builder.concat(
        tensors.map((tensor) => backend.value(tensor)),
        axis,
      ),
    );
  }),
  graphKernel<TensorInfo[], PackAttrs>('Pack', ({ inputs, attrs, backend, builder }) => {
    const tensors = Object.values(inputs);
    const [first] = tensors as [TensorInfo, ...TensorInfo[]];
    if (tensors.some(({ dtype }) => dtype !== first.dtype)) return undefined;
    for (const { shape } of tensors) {
      util.assertShapesMatch(first.shape, shape, 'All tensors passed to stack must have matching shapes');
    }
    const axis = attrs.axis < 0 ? attrs.axis + first.shape.length + 1 : attrs.axis;
    const shape = [...first.shape.slice(0, axis), 1, ...first.shape.slice(axis)];
    if (tensors.length === 1) return backend.alias(first, shape);
    const values = tensors.map((tensor) => builder.reshape(backend.value(tensor), shape));
    return backend.tensor(builder.concat(values, axis));
  }),
  graphKernel<UnpackInputs, UnpackAttrs>('Unpack', ({ inputs: { value: x }, attrs, backend, builder }) => {
    const axis = attrs.axis < 0 ? attrs.axis + x.shape.length : attrs.axis;
    const count = x.shape[axis]!;
    const shape = x.shape.filter((_, index) => index !== axis);
    if (count === 1) return [backend.alias(x, shape)];
    const pieces = builder.split(backend.value(x), new Array(count).fill(1), axis);
    return pieces.map((value) => backend.tensor(builder.reshape(value, shape)));
  }),
];
