import {
  type BatchToSpaceNDAttrs,
  type BatchToSpaceNDInputs,
  backend_util,
  type DepthToSpaceAttrs,
  type DepthToSpaceInputs,
  type SpaceToBatchNDAttrs,
  type SpaceToBatchNDInputs,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { padded } from './pad.ts';

/** Blocks of positions move between the spatial axes and the channels or the batch. */
export const blockKernels: readonly GraphKernel[] = [
  graphKernel<DepthToSpaceInputs, DepthToSpaceAttrs>(
    'DepthToSpace',
    ({ inputs: { x }, attrs: { blockSize, dataFormat }, backend, builder }) => {
      if (dataFormat !== 'NHWC') return undefined;
      const [batch, height, width, depth] = x.shape as [number, number, number, number];
      const channels = depth / (blockSize * blockSize);
      const blocks = builder.reshape(backend.value(x), [batch, height, width, blockSize, blockSize, channels]);
      const ordered = builder.transpose(blocks, [0, 1, 3, 2, 4, 5]);
      return backend.tensor(builder.reshape(ordered, [batch, height * blockSize, width * blockSize, channels]));
    },
  ),
  graphKernel<SpaceToBatchNDInputs, SpaceToBatchNDAttrs>(
    'SpaceToBatchND',
    ({ inputs: { x }, attrs: { blockShape, paddings }, backend, builder }) => {
      const blocks = sizeOf(blockShape);
      const untouched = x.shape.slice(1 + blockShape.length).map(() => [0, 0]);
      const image = padded(builder, backend.value(x), [[0, 0], ...paddings, ...untouched], 0);
      const shape = [...image.shape];
      const split = builder.reshape(image, backend_util.getReshaped(shape, blockShape, blocks, false));
      const order = backend_util.getPermuted(split.shape.length, blockShape.length, false);
      const result = builder.transpose(split, order);
      return backend.tensor(
        builder.reshape(result, backend_util.getReshapedPermuted(shape, blockShape, blocks, false)),
      );
    },
  ),
  graphKernel<BatchToSpaceNDInputs, BatchToSpaceNDAttrs>(
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
  ),
];
