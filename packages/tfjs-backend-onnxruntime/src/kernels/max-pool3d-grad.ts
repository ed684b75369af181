import type { MaxPool3DGradAttrs, MaxPool3DGradInputs } from '@tensorflow/tfjs-core';
import { addAt, maxPoolWithPositions } from '../operators/pool.ts';
import { reversed } from '../operators/reversed.ts';
import { pooledVolumeOf, reached, spreadToVolume } from '../operators/volumes.ts';
import { largestElementGradient } from '../operators/window-elements.ts';
import { channelsFirst, channelsLast, fitsResult, type Windows } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/**
 * The gradient of the largest element of every window. Of equal ones tfjs gives it to the last, and ONNX knows where the
 * first is: the elements are pooled, and their gradients added up, in reverse order.
 */
export const maxPool3dGrad = graphKernel<MaxPool3DGradInputs, MaxPool3DGradAttrs>(
  'MaxPool3DGrad',
  ({ inputs: { dy, input }, attrs, backend, builder }) => {
    const volume = pooledVolumeOf(input.shape, attrs);
    if (!volume || !fitsResult(dy.shape, volume.windows)) return undefined;
    if (input.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
    if (builder.differs('maxPoolHasNoPositions')) {
      const part = reached(builder, backend.value(input), volume);
      const gradient = largestElementGradient(builder, part, backend.value(dy), volume.windows, 'last');
      return backend.tensor(spreadToVolume(builder, gradient, volume));
    }
    const x = channelsFirst(builder, reached(builder, backend.value(input), volume));
    const backward = reversed(builder, builder.reshape(x, [x.size]), [0]);
    const [, positions] = maxPoolWithPositions(builder, builder.reshape(backward, x.shape), mirrored(volume.windows));
    // Windows may overlap, so gradients are added.
    const gradients = addAt(
      builder,
      builder.filled(0, { type: 'float32', shape: [x.size] }),
      builder.reshape(positions, [positions.size]),
      reversed(builder, builder.reshape(channelsFirst(builder, backend.value(dy)), [positions.size]), [0]),
    );
    const gradient = builder.reshape(reversed(builder, gradients, [0]), x.shape);
    return backend.tensor(spreadToVolume(builder, channelsLast(builder, gradient), volume));
  },
);

/** The windows over a volume whose elements are in reverse order. They must reach all of it. */
function mirrored(windows: Windows): Windows {
  return { ...windows, axes: windows.axes.map((axis) => ({ ...axis, before: axis.after, after: axis.before })) };
}
