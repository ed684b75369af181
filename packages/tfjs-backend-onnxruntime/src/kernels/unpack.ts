import type { UnpackAttrs, UnpackInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** The slices of a tensor along one axis, without that axis. */
export const unpack = graphKernel<UnpackInputs, UnpackAttrs>(
  'Unpack',
  ({ inputs: { value: x }, attrs, backend, builder }) => {
    const axis = attrs.axis < 0 ? attrs.axis + x.shape.length : attrs.axis;
    const count = x.shape[axis]!;
    const shape = x.shape.filter((_, index) => index !== axis);
    if (count === 1) return [backend.alias(x, shape)];
    const pieces = builder.split(backend.value(x), new Array(count).fill(1), axis);
    return pieces.map((value) => backend.tensor(builder.reshape(value, shape)));
  },
);
