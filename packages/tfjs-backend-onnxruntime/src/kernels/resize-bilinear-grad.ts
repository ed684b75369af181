import { resizeGradient } from '../operators/resize-gradient.ts';
import { linearContributions, linearSamples } from '../operators/sampling.ts';

/** The gradient of images in another size, interpolated. */
export const resizeBilinearGrad = resizeGradient('ResizeBilinearGrad', (sampling) =>
  linearContributions(linearSamples(sampling)),
);
