import { expect } from 'vitest';

/** The gradient of a float64 function with respect to one of its inputs, by central differences. */
export function finiteDifferences(
  fn: (...inputs: number[][]) => number,
  inputs: readonly number[][],
  index: number,
): number[] {
  const step = 1e-5;
  const at = (position: number, change: number) =>
    fn(
      ...inputs.map((input, other) =>
        other === index ? input.map((value, place) => (place === position ? value + change : value)) : input,
      ),
    );
  return inputs[index]!.map((_, position) => (at(position, step) - at(position, -step)) / (2 * step));
}

/** max|a - b| <= tolerance max|b|. */
export function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const difference = Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));
  expect(difference).toBeLessThanOrEqual(tolerance * Math.max(...expected.map(Math.abs)));
}
