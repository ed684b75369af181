import { type BatchToSpaceNDAttrs, type BatchToSpaceNDInputs, backend_util } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { graphKernel } from './kernel.ts';

/** Images of the batch become positions of blocks. */
export const batchToSpaceNd = graphKernel<BatchToSpaceNDInputs, BatchToSpaceNDAttrs>(
  'BatchToSpaceND',
  ({ inputs: { x }, attrs: { blockShape, crops }, backend, builder }) => {
    const blocks = sizeOf(blockShape);
    const split = builder.reshape(backend.value(x), backend_util.getReshaped(x.shape, blockShape, blocks));
    const ordered = builder.transpose(split, backend_util.getPermuted(split.shape.length, blockShape.length));
    const shape = backend_util.getReshapedPermuted(x.shape, blockShape, blocks);
    const begin = backend_util.getSliceBeginCoords(crops, blockShape.length);
    const size = backend_util.getSliceSize(shape, crops, blockShape.length);
    const untouched = shape.slice(size.length);
    begin.push(...untouched.map(() => 0));
    size.push(...untouched);
    if (size.some((length) => length < 1)) return undefined;
    return backend.tensor(builder.slice(builder.reshape(ordered, shape), begin, size));
  },
);
