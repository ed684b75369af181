import { ownDomain } from '../../onnx/encode.ts';
import type { Graph, GraphNode } from '../graph.ts';
import { type NumericArray, sizeOf } from '../value.ts';

/** Operator of ours: the largest element of each row, NaN where one is. */
export const maximum = 'RowMaximum';

/** A tensor as rows of columns, over either of which something is computed. */
interface Rows {
  readonly operand: string;
  readonly rows: number;
  readonly columns: number;
}

/** A sum over the last axes of a tensor, which are its columns, or over the first ones, its rows. */
export interface Reduction extends Rows {
  readonly over: 'rows' | 'columns';
  /** Factor of every sum. */
  readonly scale: number;
  /** A tensor of as many elements as there are columns, which each row is multiplied by first. */
  readonly weights?: string;
}

/** The operation on rows that a node is, where a kernel of ours computes it. */
export type RowOperation =
  | ({ readonly kind: 'sum' } & Reduction)
  | ({ readonly kind: 'softmax' } & Rows)
  | ({ readonly kind: 'maximum' } & Rows)
  | ({ readonly kind: 'segmentSum' } & SegmentSum);

/** The operation on rows that a node is. @param producer of a tensor */
export function rowOperationOf(
  graph: Graph,
  node: GraphNode,
  producer: (name: string) => GraphNode | undefined,
): RowOperation | undefined {
  const sum = reductionOf(graph, node);
  if (sum) return { kind: 'sum', ...sum };
  const softmax = softmaxOf(graph, node);
  if (softmax) return { kind: 'softmax', ...softmax };
  const largest = maximumOf(graph, node);
  if (largest) return { kind: 'maximum', ...largest };
  const segmentSum = segmentSumOf(graph, node, producer);
  return segmentSum && { kind: 'segmentSum', ...segmentSum };
}

/** The softmax over the last axis that a node is. */
function softmaxOf({ tensors }: Graph, { op, attributes, inputs }: GraphNode): Rows | undefined {
  const [operand = ''] = inputs;
  const { shape } = tensors.get(operand) ?? { shape: [] };
  const last = shape.length - 1;
  if (op !== 'Softmax' || sizeOf(shape) === 0 || sizeOf(shape) >= 2 ** 31) return undefined;
  if (attributes.axis !== last && attributes.axis !== -1) return undefined;
  return { operand, rows: sizeOf(shape) / shape[last]!, columns: shape[last]! };
}

/** The sum over first or last axes that a node is. */
function reductionOf({ tensors, constants }: Graph, node: GraphNode): Reduction | undefined {
  const { op, domain, inputs, outputs } = node;
  const [operand = '', second = ''] = inputs;
  const description = tensors.get(operand);
  if (domain !== '' || description?.type !== 'float32') return undefined;
  const { shape } = description;
  const size = sizeOf(shape);
  if (size === 0 || size >= 2 ** 31) return undefined;
  if (op === 'MatMul') {
    const other = tensors.get(second)!.shape;
    if (other.length !== 2 || other[1] !== 1 || shape.at(-1) !== other[0]) return undefined;
    const columns = other[0]!;
    return { operand, over: 'columns', rows: size / columns, columns, scale: 1, weights: second };
  }
  const axes = constants.get(second);
  if ((op !== 'ReduceSum' && op !== 'ReduceMean') || !axes || axes.length === 0) return undefined;
  const results = sizeOf(tensors.get(outputs[0]!)!.shape);
  const terms = size / results;
  const scale = op === 'ReduceMean' ? 1 / terms : 1;
  const over = terms === 1 ? undefined : reducedSide(shape, axes);
  if (over === 'columns') return { operand, over, rows: results, columns: terms, scale };
  return over && { operand, over, rows: terms, columns: results, scale };
}

/** Whether the last axes of a tensor are reduced, its columns, or the first ones; undefined for others. */
export function reducedSide(shape: readonly number[], axes: NumericArray): 'rows' | 'columns' | undefined {
  const list = Array.from(axes as ArrayLike<number | bigint>, Number);
  const reduced = new Set(list.map((axis) => (axis + shape.length) % shape.length));
  // Axes of length 1 are neither.
  const isReduced = shape.flatMap((length, axis) => (length === 1 ? [] : [reduced.has(axis)]));
  const changes = isReduced.filter((each, place) => place > 0 && each !== isReduced[place - 1]).length;
  if (changes > 1) return undefined;
  return isReduced.at(-1) ? 'columns' : 'rows';
}

/** The maximum over the last axes that a node is. */
function maximumOf({ tensors }: Graph, { op, domain, inputs, outputs }: GraphNode): Rows | undefined {
  if (op !== maximum || domain !== ownDomain) return undefined;
  const [operand = ''] = inputs;
  const rows = sizeOf(tensors.get(outputs[0]!)!.shape);
  return { operand, rows, columns: sizeOf(tensors.get(operand)!.shape) / rows };
}

/** Sums of rows by a number that each has. */
interface SegmentSum extends Rows {
  /** A tensor of int32, one for each row. */
  readonly numbers: string;
  /** Numbers that there are. */
  readonly segments: number;
}

/** Columns up to which threads keep a row of sums. */
const mostColumns = 4096;

/** The sums of rows that a node scatters into zeros, as the gradient of an embedding is. @param producer of a tensor */
function segmentSumOf(
  { tensors, constants }: Graph,
  { op, attributes, inputs, outputs }: GraphNode,
  producer: (name: string) => GraphNode | undefined,
): SegmentSum | undefined {
  if (op !== 'ScatterElements' || attributes.reduction !== 'add' || (attributes.axis ?? 0) !== 0) return undefined;
  const [data = '', indices = '', operand = ''] = inputs;
  const { shape } = tensors.get(outputs[0]!)!;
  const [segments = 0, columns = 0] = shape;
  const rows = tensors.get(operand)!.shape[0]!;
  const [zero, spread] = [producer(data), producer(indices)];
  const [numbers = ''] = spread?.op === 'Expand' ? spread.inputs : [];
  const isOfZeros = zero?.op === 'Expand' && Number(constants.get(zero.inputs[0]!)?.[0]) === 0;
  if (!isOfZeros || shape.length !== 2 || columns === 0 || columns > mostColumns) return undefined;
  if (Math.max(rows, segments) * columns >= 2 ** 31 || tensors.get(operand)!.type !== 'float32') return undefined;
  const description = tensors.get(numbers);
  if (description?.type !== 'int32' || `${description.shape}` !== `${[rows, 1]}`) return undefined;
  return { operand, rows, columns, segments, numbers };
}
