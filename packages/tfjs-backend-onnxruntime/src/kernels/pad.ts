import type { PadV2Attrs, PadV2Inputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Adds elements of one value before and after each axis. */
export const padV2 = graphKernel<PadV2Inputs, PadV2Attrs>(
  'PadV2',
  ({ inputs: { x }, attrs: { paddings, constantValue }, backend, builder }) => {
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return backend.alias(x);
    const value = backend.value(x);
    const shape = x.shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
    const pads = builder.integers([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
    const fill = builder.scalar(constantValue, value.type);
    return backend.tensor(builder.operator('Pad', [value, pads, fill], { type: value.type, shape }));
  },
);
