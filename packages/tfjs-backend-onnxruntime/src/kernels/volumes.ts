import type { backend_util } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { padded } from './pad.ts';
import { excess, type WindowAxis, type Windows } from './windows.ts';

/** The windows over volumes of [depth, height, width], and the part of the volume that they reach. */
export interface VolumeWindows {
  /** Over the part that is reached, with exactly the padding that they need. */
  readonly windows: Windows;
  /** Elements that no window reaches at the beginning and the end of every axis of a tensor with channels last. */
  readonly margins: readonly (readonly [number, number])[];
}

/**
 * Where the stride is larger than the filter, tfjs's padding 'same' is negative for volumes: windows begin inside. ONNX has no
 * negative padding, so the operators get the part of the volume that windows reach.
 */
export function volumeWindowsOf(info: backend_util.Conv3DInfo): VolumeWindows {
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
    const [begin, end] = margins[at] as readonly [number, number];
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
