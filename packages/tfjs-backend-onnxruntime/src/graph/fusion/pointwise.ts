import type { Graph, GraphNode } from '../graph.ts';
import { type Description, sizeOf } from '../value.ts';
import { formulas, hasFormula } from './formulas.ts';
import { operandIndex, stridedIndex, stridesOf } from './indices.ts';

/** Makes the text of a kernel. */
export interface Writer {
  /** A variable, or a literal, that has the element of a tensor at a place, an expression. */
  element(name: string, index: string): string;
  /** A variable that has a place. */
  place(expression: string): string;
}

/**
 * Whether a kernel can compute every element of a node's result on its own, from few elements of its operands: elementwise
 * operators, a rotation of heads, a transposition that leaves the last axis where it is, so that neighbors stay neighbors, and
 * a joint of unequal parts.
 */
export function isPointwise(
  { tensors, constants }: Graph,
  { op, domain, attributes, inputs, outputs }: GraphNode,
): boolean {
  const [output = ''] = outputs;
  const { type, shape } = tensors.get(output)!;
  const size = sizeOf(shape);
  const [x = '', position = ''] = inputs;
  if (type !== 'float32' || size === 0 || size >= 2 ** 31 || tensors.get(x)?.type !== 'float32') return false;
  if (op === 'Transpose') return (attributes.perm as readonly number[] | undefined)?.at(-1) === shape.length - 1;
  if (op === 'Concat') return isJoint(inputs.map((name) => tensors.get(name)!));
  // As our own pass writes it: from the first position on.
  if (op === 'RotaryEmbedding') return shape.length === 3 && constants.get(position)?.[0] === 0n;
  if (domain !== '' || !hasFormula(op, inputs.length)) return false;
  return inputs.every((name) => tensors.get(name)!.type === 'float32');
}

/** The expression of the element at a place of a pointwise result. */
export function expressionOf(graph: Graph, node: GraphNode, index: string, writer: Writer): string {
  const { tensors } = graph;
  const { op, attributes, inputs, outputs } = node;
  const { shape } = tensors.get(outputs[0]!)!;
  const [x = '', , cosine = '', sine = ''] = inputs;
  if (op === 'Transpose') {
    const strides = stridesOf(tensors.get(x)!.shape);
    const moved = (attributes.perm as readonly number[]).map((axis) => strides[axis]!);
    return writer.element(x, writer.place(stridedIndex(index, shape, moved)));
  }
  if (op === 'RotaryEmbedding') {
    const [, time = 1, width = 1] = shape;
    const half = tensors.get(cosine)!.shape[1]!;
    const column = writer.place(`(${index}) % ${2 * half}`);
    const isFirst = `${column} < ${half}`;
    const angle = writer.place(`(quotient(${index}, ${width}) % ${time}) * ${half} + ${column} % ${half}`);
    const other = writer.element(x, writer.place(`${isFirst} ? ${index} + ${half} : ${index} - ${half}`));
    const turned = `(${isFirst} ? -${other} : ${other})`;
    return `${writer.element(x, index)} * ${writer.element(cosine, angle)} + ${turned} * ${writer.element(sine, angle)}`;
  }
  if (op === 'Concat') return joinedExpression(graph, node, index, writer);
  const operands = inputs.map((operand) =>
    writer.element(operand, writer.place(operandIndex(index, shape, tensors.get(operand)!.shape))),
  );
  return formulas[op]!(...operands);
}

/** Tensors that an expression joins at most: it reads an element of each. */
const mostParts = 8;

/** Whether tensors are joined by an expression: those of one size are as fast by ONNX Runtime's own kernel. */
function isJoint(parts: readonly Description[]): boolean {
  const isOne = new Set(parts.map(({ shape }) => `${shape}`)).size === 1;
  return (
    !isOne && parts.length <= mostParts && parts.every(({ type, shape }) => type === 'float32' && sizeOf(shape) > 0)
  );
}

/** The element of the part that a place of joined tensors lies in; of the others one is read, too, and not used. */
function joinedExpression({ tensors }: Graph, node: GraphNode, index: string, writer: Writer): string {
  const { inputs, outputs, attributes } = node;
  const { shape } = tensors.get(outputs[0]!)!;
  const axis = ((attributes.axis as number) + shape.length) % shape.length;
  const inner = sizeOf(shape.slice(axis + 1));
  const whole = shape[axis]! * inner;
  const isOnly = whole === sizeOf(shape);
  const within = isOnly ? index : writer.place(`(${index}) % ${whole}`);
  const before = isOnly ? '' : `${writer.place(`quotient(${index}, ${whole})`)} * `;
  let start = 0;
  const parts = inputs.map((name) => {
    const block = tensors.get(name)!.shape[axis]! * inner;
    const [first, end] = [start, start + block];
    start = end;
    const isHere = first === 0 ? `${within} < ${end}` : `${within} >= ${first} && ${within} < ${end}`;
    const place = `${before && `${before}${block} + `}${within} - ${first}`;
    return { end, element: writer.element(name, writer.place(`${isHere} ? ${place} : 0`)) };
  });
  return parts
    .slice(0, -1)
    .reduceRight((others, { end, element }) => `${within} < ${end} ? ${element} : ${others}`, parts.at(-1)!.element);
}
