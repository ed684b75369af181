import { sizeOf } from '../value.ts';

/**
 * Where an element lies in memory, as an expression of its place in a result.
 * @param index the place, an expression
 * @param shape of the result
 * @param strides elements of memory between neighbors along each axis; 0 where an operand is broadcast
 */
export function stridedIndex(index: string, shape: readonly number[], strides: readonly number[]): string {
  const terms: string[] = [];
  let below = 1;
  for (let axis = shape.length - 1; axis >= 0; ) {
    const stride = strides[axis]!;
    let length = shape[axis]!;
    // Axes that follow each other in memory, too, are one; so are those along which nothing moves.
    for (axis--; axis >= 0 && (shape[axis] === 1 || strides[axis] === stride * length); axis--) length *= shape[axis]!;
    if (stride !== 0 && length > 1) {
      const shifted = below === 1 ? index : `quotient(${index}, ${below})`;
      const place = below * length === sizeOf(shape) ? shifted : `(${shifted}) % ${length}`;
      terms.push(stride === 1 ? place : `(${place}) * ${stride}`);
    }
    below *= length;
  }
  return terms.length === 0 ? '0' : terms.join(' + ');
}

/** Elements between neighbors along each axis of a tensor that lies in memory as it is. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Where an operand of an elementwise operator has the element for a place of the result. @param operand its shape */
export function operandIndex(index: string, shape: readonly number[], operand: readonly number[]): string {
  if (sizeOf(operand) === sizeOf(shape)) return index;
  const own = stridesOf(operand).map((stride, axis) => (operand[axis] === 1 ? 0 : stride));
  const missing = shape.length - operand.length;
  return stridedIndex(index, shape, [...Array.from({ length: missing }, () => 0), ...own]);
}
