import { type AvgPool3DGradAttrs, backend_util, type Conv3DAttrs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { padded } from './padded.ts';
import { canPool } from './pool.ts';
import { excess, hasNoWindows, type WindowAxis, type Windows } from './windows.ts';

/** The windows over volumes of [depth, height, width], and the part of the volume that they reach. */
interface VolumeWindows {
  /** Over the part that is reached, with exactly the padding that they need. */
  readonly windows: Windows;
  /** Elements that no window reaches at the beginning and the end of every axis of a tensor with channels last. */
  readonly margins: readonly (readonly [number, number])[];
}

/**
 * Windows over volumes. tfjs's padding 'same' is negative where the stride is larger than the filter: windows begin inside.
 * ONNX has no negative padding, so the operators get the part of the volume that windows reach.
 */
function volumeWindowsOf(info: backend_util.Conv3DInfo): VolumeWindows {
  const { batchSize, inChannels, outChannels, padInfo } = info;
  const sides = [
    { name: 'Depth', before: padInfo.front },
    { name: 'Height', before: padInfo.top },
    { name: 'Width', before: padInfo.left },
  ] as const;
  const whole = sides.map(({ name, before }): WindowAxis => {
    const axis = {
      input: info[`in${name}`],
      output: info[`out${name}`],
      filter: info[`filter${name}`],
      extent: info[`effectiveFilter${name}`],
      stride: info[`stride${name}`],
      dilation: info[`dilation${name}`],
      before,
      after: 0,
    };
    return { ...axis, after: excess(axis) };
  });
  const margins = whole.map(({ before, after }) => [Math.max(0, -before), Math.max(0, -after)] as const);
  const axes = whole.map((axis, at) => {
    const [begin, end] = margins[at]!;
    const [before, after] = [Math.max(0, axis.before), Math.max(0, axis.after)];
    return { ...axis, input: axis.input - begin - end, before, after };
  });
  return { windows: { batchSize, inChannels, outChannels, axes }, margins: [[0, 0], ...margins, [0, 0]] };
}

/** The part of a volume that windows reach. */
export function reached(builder: GraphBuilder, x: Value, { margins }: VolumeWindows): Value {
  const begin = margins.map(([before]) => before);
  const size = margins.map(([before, after], axis) => x.shape[axis]! - before - after);
  return builder.slice(x, begin, size);
}

/** The gradient of a volume from that of the part that windows reach: zeros elsewhere. */
export function spreadToVolume(builder: GraphBuilder, gradient: Value, { margins }: VolumeWindows): Value {
  return padded(builder, gradient, margins, 0);
}

type Shape5D = [number, number, number, number, number];

const shape5D = (shape: readonly number[]) => shape as Shape5D;

type Conv3DGeometry = Pick<Conv3DAttrs, 'strides' | 'pad'> & Partial<Conv3DAttrs>;

/** The windows of a convolution of volumes; undefined where the filter is larger than the padded volume. */
export function convolvedVolumeOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad }: Conv3DGeometry,
): VolumeWindows | undefined {
  const [input, filter] = [shape5D(inputShape), shape5D(filterShape)];
  const volume = volumeWindowsOf(backend_util.computeConv3DInfo(input, filter, strides, dilations ?? 1, pad));
  return hasNoWindows(volume.windows) ? undefined : volume;
}

/** The windows of a pool over volumes; undefined where ONNX Runtime refuses them. */
export function pooledVolumeOf(
  shape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: AvgPool3DGradAttrs,
): VolumeWindows | undefined {
  const info = backend_util.computePool3DInfo(shape5D(shape), filterSize, strides, 1, pad, dimRoundingMode);
  const volume = volumeWindowsOf(info);
  return canPool(volume.windows) ? volume : undefined;
}
