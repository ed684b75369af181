import { resizeGradient } from '../operators/resize-gradient.ts';
import { nearestSamples } from '../operators/sampling.ts';

/** The gradient of images in another size, of the nearest pixels. */
export const resizeNearestNeighborGrad = resizeGradient('ResizeNearestNeighborGrad', (sampling) =>
  nearestSamples(sampling).map((index) => [[index, 1]]),
);
