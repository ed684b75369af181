import type { GraphNode } from '../graph.ts';
import { type NumericArray, sameShape } from '../value.ts';
import type { Pass, Rewriter } from './pass.ts';

/**
 * x cos + (x Q) sin and x cos - (x Q) sin, where Q turns a head by 90 degrees, become ONNX Runtime's RotaryEmbedding: one
 * pass over x instead of a product and four passes. The tables and Q must be the same at every run.
 */
export const rotaryPass: Pass = (rewriter) => {
  for (const node of [...rewriter.graph.nodes]) {
    if (node.op === 'Add' || node.op === 'Sub') rewrite(rewriter, node);
  }
};

function rewrite(rewriter: Rewriter, node: GraphNode): void {
  const [left, right] = node.inputs.map((name) => rewriter.producer(name, 'Mul'));
  if (!left || !right) return;
  const [x = '', cosine = ''] = left.inputs;
  const [turned = '', sine = ''] = right.inputs;
  const product = rewriter.producer(rewriter.withoutReshape(turned), 'MatMul');
  const shape = rewriter.shape(x);
  if (!product || shape.length !== 3 || !sameShape(rewriter.shape(turned), shape)) return;
  const [rows = '', turn = ''] = product.inputs;
  if (rewriter.withoutReshape(rows) !== rewriter.withoutReshape(x)) return;

  const [, time = 1, width = 1] = shape;
  const head = rewriter.shape(turn)[0]!;
  const [turnElements, cosines, sines] = [turn, cosine, sine].map((name) => rewriter.elements(name));
  if (!turnElements || !cosines || !sines || !isQuarterTurn(turnElements, head)) return;
  if (!sameShape(rewriter.shape(cosine), [time, width]) || !sameShape(rewriter.shape(sine), [time, width])) return;
  const cosineTable = halfTable(cosines, time, width, head, 1);
  const sineTable = halfTable(sines, time, width, head, node.op === 'Sub' ? -1 : 1);
  if (!cosineTable || !sineTable) return;

  const table = { type: 'float32' as const, shape: [time, head / 2] };
  const position = rewriter.constant(BigInt64Array.of(0n), { type: 'int64', shape: [1] });
  node.inputs = [x, position, rewriter.constant(cosineTable, table), rewriter.constant(sineTable, table)];
  node.op = 'RotaryEmbedding';
  node.domain = 'com.microsoft';
  node.attributes = {};
}

/** [a, b] Q = [-b, a] for halves a and b. */
function isQuarterTurn(elements: NumericArray, size: number): boolean {
  if (size % 2 !== 0 || elements.length !== size * size) return false;
  const half = size / 2;
  return elements.every((element: number | bigint, index: number) => {
    const [row, column] = [Math.floor(index / size), index % size];
    const expected = row === column + half ? -1 : column === row + half ? 1 : 0;
    return element === expected;
  });
}

/** The table of one half head, if every head and both halves have the same. */
function halfTable(
  elements: NumericArray,
  time: number,
  width: number,
  head: number,
  sign: number,
): Float32Array | undefined {
  const half = head / 2;
  const table = new Float32Array(time * half);
  for (let row = 0; row < time; row++) {
    for (let column = 0; column < width; column++) {
      const element = Number(elements[row * width + column]);
      if (element !== Number(elements[row * width + (column % half)])) return undefined;
      table[row * half + (column % half)] = sign * element;
    }
  }
  return table;
}
