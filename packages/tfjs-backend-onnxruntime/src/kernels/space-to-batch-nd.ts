import { backend_util, type SpaceToBatchNDAttrs, type SpaceToBatchNDInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { padded } from '../operators/padded.ts';
import { graphKernel } from './kernel.ts';

/** Positions of blocks become images of the batch. */
export const spaceToBatchNd = graphKernel<SpaceToBatchNDInputs, SpaceToBatchNDAttrs>(
  'SpaceToBatchND',
  ({ inputs: { x }, attrs: { blockShape, paddings }, backend, builder }) => {
    const blocks = sizeOf(blockShape);
    const untouched = x.shape.slice(1 + blockShape.length).map(() => [0, 0]);
    const image = padded(builder, backend.value(x), [[0, 0], ...paddings, ...untouched], 0);
    const shape = [...image.shape];
    const split = builder.reshape(image, backend_util.getReshaped(shape, blockShape, blocks, false));
    const order = backend_util.getPermuted(split.shape.length, blockShape.length, false);
    const result = builder.transpose(split, order);
    return backend.tensor(builder.reshape(result, backend_util.getReshapedPermuted(shape, blockShape, blocks, false)));
  },
);
