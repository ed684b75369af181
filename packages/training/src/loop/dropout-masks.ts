import { uniformStream } from '@dynact/nn';

/**
 * The dropout masks of one forward pass, a pure function of (seed, step, micro-batch): a resumed run draws the same.
 * @returns one mask a site, each [rows, width] of 0 with probability p and 1 / (1 - p) otherwise (Srivastava et al. 2014)
 */
export function* dropoutMasks(options: {
  probability: number;
  sites: number;
  size: number;
  seed: number;
  step: number;
  microBatch: number;
}): Iterable<Float32Array> {
  const { probability, sites, size, seed, step, microBatch } = options;
  const kept = 1 / (1 - probability);
  for (let site = 0; site < sites; site++) {
    const uniform = uniformStream(seed, `dropout/${step}/${microBatch}/${site}`);
    yield Float32Array.from({ length: size }, () => (uniform() < probability ? 0 : kept));
  }
}
