import { Parameter } from '../parameters.ts';
import type { UniformStream } from '../random.ts';

/** A matrix with initial values that are uniform in [-bound, bound). */
export function uniformParameter(name: string, shape: readonly number[], bound: number): Parameter {
  const initialize = (uniform: UniformStream, size: number) =>
    Float32Array.from({ length: size }, () => bound * (2 * uniform() - 1));
  return new Parameter({ name, shape, group: 'matrix', initialize });
}
