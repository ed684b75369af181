/** Axes of an image. */
export const [rows, columns] = [1, 2];

/** Rule by which tfjs lays the positions of a resized image over those of the original, along one axis. */
export interface Sampling {
  readonly from: number;
  readonly to: number;
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Between two neighbors: original[low] + (original[high] - original[low]) fraction, for every position of the result. */
export interface LinearSamples {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly fraction: readonly number[];
}

/** Shares of the original in every position of the result: pairs of [position in the original, weight]. */
export type Contributions = readonly (readonly (readonly [number, number])[])[];

export function linearSamples(sampling: Sampling): LinearSamples {
  const positions = sourcePositions(sampling, sampling.halfPixelCenters ? 0.5 : 0);
  const low = positions.map((position) => Math.max(0, Math.floor(position)));
  const high = positions.map((position) => Math.max(0, Math.min(sampling.from - 1, Math.ceil(position))));
  return { low, high, fraction: positions.map((position, at) => position - low[at]!) };
}

export function nearestSamples(sampling: Sampling): readonly number[] {
  const round = sampling.alignCorners ? Math.round : Math.floor;
  return sourcePositions(sampling, 0).map((position) => Math.min(sampling.from - 1, round(position)));
}

export function linearContributions({ low, high, fraction }: LinearSamples): Contributions {
  return low.map((first, at) => {
    const [second, weight] = [high[at]!, fraction[at]!];
    if (first === second) return [[first, 1]];
    return [
      [first, 1 - weight],
      [second, weight],
    ];
  });
}

/** tfjs moves to pixel centers and back for bilinear images only: nearest ones stay where the center falls. */
function sourcePositions({ from, to, alignCorners, halfPixelCenters }: Sampling, shift: number): number[] {
  const ratio = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  return Array.from({ length: to }, (_, at) => (halfPixelCenters ? ratio * (at + 0.5) - shift : ratio * at));
}

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
