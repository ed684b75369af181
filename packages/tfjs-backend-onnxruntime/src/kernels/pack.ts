import { type PackAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Tensors one after the other along a new axis. */
export const pack = graphKernel<TensorInfo[], PackAttrs>('Pack', ({ inputs, attrs, backend, builder }) => {
  const tensors = Object.values(inputs);
  const first = tensors[0]!;
  if (tensors.some(({ dtype }) => dtype !== first.dtype)) return undefined;
  for (const { shape } of tensors) {
    util.assertShapesMatch(first.shape, shape, 'All tensors passed to stack must have matching shapes');
  }
  const axis = attrs.axis < 0 ? attrs.axis + first.shape.length + 1 : attrs.axis;
  const shape = [...first.shape.slice(0, axis), 1, ...first.shape.slice(axis)];
  if (tensors.length === 1) return backend.alias(first, shape);
  const values = tensors.map((tensor) => builder.reshape(backend.value(tensor), shape));
  return backend.tensor(builder.concat(values, axis));
});
