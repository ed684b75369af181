import type {
  NamedTensorInfoMap,
  ResizeBilinearAttrs,
  ResizeBilinearInputs,
  ResizeNearestNeighborAttrs,
  ResizeNearestNeighborInputs,
} from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { pick } from './pick.ts';
import { type LinearSamples, linearSamples, nearestSamples, type Sampling } from './sampling.ts';

const [rows, columns] = [1, 2];

/** The sampling of one axis of [batch, height, width, channels]; undefined where tfjs has no meaning for it. */
export function samplingOf(
  from: readonly number[],
  to: readonly number[],
  { alignCorners, halfPixelCenters }: Pick<Sampling, 'alignCorners' | 'halfPixelCenters'>,
): readonly [Sampling, Sampling] | undefined {
  if ((alignCorners && halfPixelCenters) || to.some((size) => size < 1)) return undefined;
  const along = (axis: number): Sampling => ({
    from: from[axis]!,
    to: to[axis - 1]!,
    alignCorners,
    halfPixelCenters,
  });
  return [along(rows), along(columns)];
}

function interpolate(builder: GraphBuilder, x: Value, { low, high, fraction }: LinearSamples, axis: number): Value {
  const first = pick(builder, x, low, axis);
  if (low.every((index, at) => index === high[at])) return first;
  const weights = builder.floats(
    fraction,
    x.shape.slice(axis).map((_, at) => (at === 0 ? fraction.length : 1)),
  );
  const step = builder.binary('Sub', pick(builder, x, high, axis), first);
  return builder.binary('Add', first, builder.binary('Mul', step, weights));
}

/**
 * Images in another size. The positions are known when the graph is recorded, so that pixels are picked by constant indices:
 * this is what tfjs computes to the last pixel, also next to infinities and NaN.
 */
export const resizeKernels: readonly GraphKernel[] = [
  graphKernel<ResizeBilinearInputs & NamedTensorInfoMap, ResizeBilinearAttrs>(
    'ResizeBilinear',
    ({ inputs: { images }, attrs, backend, builder }) => {
      const samplings = samplingOf(images.shape, attrs.size, attrs);
      if (!samplings) return undefined;
      const [vertical, horizontal] = samplings.map(linearSamples) as [LinearSamples, LinearSamples];
      const value = builder.cast(backend.value(images), 'float32');
      const result = interpolate(builder, interpolate(builder, value, horizontal, columns), vertical, rows);
      return result === backend.value(images) ? backend.alias(images) : backend.tensor(result);
    },
  ),
  graphKernel<ResizeNearestNeighborInputs & NamedTensorInfoMap, ResizeNearestNeighborAttrs>(
    'ResizeNearestNeighbor',
    ({ inputs: { images }, attrs, backend, builder }) => {
      const samplings = samplingOf(images.shape, attrs.size, attrs);
      if (!samplings) return undefined;
      const [vertical, horizontal] = samplings.map(nearestSamples) as [number[], number[]];
      const value = backend.value(images);
      const result = pick(builder, pick(builder, value, vertical, rows), horizontal, columns);
      return result === value ? backend.alias(images) : backend.tensor(result);
    },
  ),
];
