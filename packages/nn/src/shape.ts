/** The number of elements of a tensor of that shape. */
export function sizeFromShape(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}
