import type {
  NamedTensorInfoMap,
  ResizeBilinearGradAttrs,
  ResizeBilinearGradInputs,
  ResizeNearestNeighborGradAttrs,
  ResizeNearestNeighborGradInputs,
} from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import {
  type Contributions,
  linearContributions,
  linearSamples,
  nearestSamples,
  type Sampling,
  samplingOf,
} from '../operators/sampling.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

type GradientInputs = (ResizeBilinearGradInputs | ResizeNearestNeighborGradInputs) & NamedTensorInfoMap;

type GradientAttributes = ResizeBilinearGradAttrs | ResizeNearestNeighborGradAttrs;

/**
 * Brings the gradient of a resized axis back to the original's `size` positions: every one sums what it contributed to.
 * Positions with fewer contributions than others are filled up with a slice of zeros.
 */
function collect(builder: GraphBuilder, dy: Value, contributions: Contributions, size: number, axis: number): Value {
  const users: [position: number, weight: number][][] = Array.from({ length: size }, () => []);
  for (const [position, pairs] of contributions.entries()) {
    for (const [source, weight] of pairs) users[source]?.push([position, weight]);
  }
  const most = Math.max(...users.map(({ length }) => length));
  const zerosAt = contributions.length;
  const filled = users.flatMap((pairs) => [...pairs, ...new Array(most - pairs.length).fill([zerosAt, 0])]);
  const indices = builder.integers(
    filled.map(([position]) => position),
    [size, most],
  );
  const isFull = users.every(({ length }) => length === most);
  const zeros = { type: dy.type, shape: dy.shape.map((length, at) => (at === axis ? 1 : length)) };
  const source = isFull ? dy : builder.concat([dy, builder.filled(0, zeros)], axis);
  const inner = dy.shape.slice(axis + 1);
  const shape = [...dy.shape.slice(0, axis), size, most, ...inner];
  const picked = builder.operator('Gather', [source, indices], { type: dy.type, shape }, { axis });
  const weights = filled.map(([, weight]) => weight);
  // Zeros stay zeros under a weight of 1.
  const isPlain = contributions.every((pairs) => pairs.every(([, weight]) => weight === 1));
  const weighted = isPlain
    ? picked
    : builder.binary('Mul', picked, builder.floats(weights, [size, most, ...inner.map(() => 1)]));
  return builder.reduce('ReduceSum', weighted, [axis + 1], false);
}

/** tfjs's gradients know nothing of halfPixelCenters: the same numbers here. */
function resizeGradient(name: string, contributionsOf: (sampling: Sampling) => Contributions): GraphKernel {
  return graphKernel<GradientInputs, GradientAttributes>(
    name,
    ({ inputs: { images, dy }, attrs: { alignCorners }, backend, builder }) => {
      const size = dy.shape.slice(1, 3);
      const samplings = samplingOf(images.shape, size, { alignCorners, halfPixelCenters: false });
      if (!samplings || images.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
      const [vertical, horizontal] = samplings;
      const collected = collect(builder, backend.value(dy), contributionsOf(vertical), vertical.from, 1);
      return backend.tensor(collect(builder, collected, contributionsOf(horizontal), horizontal.from, 2));
    },
  );
}

/** ResizeBilinearGrad and ResizeNearestNeighborGrad: the gradients of resized images. */
export const resizeGradients: readonly GraphKernel[] = [
  resizeGradient('ResizeBilinearGrad', (sampling) => linearContributions(linearSamples(sampling))),
  resizeGradient('ResizeNearestNeighborGrad', (sampling) => nearestSamples(sampling).map((index) => [[index, 1]])),
];
