import type {
  NamedTensorInfoMap,
  ResizeNearestNeighborAttrs,
  ResizeNearestNeighborInputs,
} from '@tensorflow/tfjs-core';
import { pick } from '../operators/pick.ts';
import { columns, nearestSamples, rows, samplingOf } from '../operators/sampling.ts';
import { graphKernel } from './kernel.ts';

/** Images in another size, of the nearest pixels. */
export const resizeNearestNeighbor = graphKernel<
  ResizeNearestNeighborInputs & NamedTensorInfoMap,
  ResizeNearestNeighborAttrs
>('ResizeNearestNeighbor', ({ inputs: { images }, attrs, backend, builder }) => {
  const samplings = samplingOf(images.shape, attrs.size, attrs);
  if (!samplings) return undefined;
  const [vertical, horizontal] = [nearestSamples(samplings[0]), nearestSamples(samplings[1])];
  const value = backend.value(images);
  const result = pick(builder, pick(builder, value, vertical, rows), horizontal, columns);
  return result === value ? backend.alias(images) : backend.tensor(result);
});
