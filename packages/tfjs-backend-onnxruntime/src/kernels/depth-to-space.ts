import type { DepthToSpaceAttrs, DepthToSpaceInputs } from '@tensorflow/tfjs-core';
import { shape4D } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Channels become blocks of positions. */
export const depthToSpace = graphKernel<DepthToSpaceInputs, DepthToSpaceAttrs>(
  'DepthToSpace',
  ({ inputs: { x }, attrs: { blockSize, dataFormat }, backend, builder }) => {
    if (dataFormat !== 'NHWC') return undefined;
    const [batch, height, width, depth] = shape4D(x.shape);
    const channels = depth / (blockSize * blockSize);
    const blocks = builder.reshape(backend.value(x), [batch, height, width, blockSize, blockSize, channels]);
    const ordered = builder.transpose(blocks, [0, 1, 3, 2, 4, 5]);
    return backend.tensor(builder.reshape(ordered, [batch, height * blockSize, width * blockSize, channels]));
  },
);
