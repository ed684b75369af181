import { backend_util, type EinsumAttrs, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { graphKernel } from './kernel.ts';

/** A tensor with the label of each axis: whole numbers, first those of the result in its order. */
interface Term {
  readonly value: Value;
  readonly labels: readonly number[];
}

/**
 * Sums of one tensor or of products of two, by an equation such as 'bij,bjk->bik'. What both have and the result has not becomes
 * the inner axis of a matrix product.
 */
export const einsum = graphKernel<TensorInfo[], EinsumAttrs>(
  'Einsum',
  ({ inputs, attrs: { equation }, backend, builder }) => {
    const { allDims, idDims, summedDims } = backend_util.decodeEinsumEquation(equation, inputs.length);
    backend_util.checkEinsumDimSizes(allDims.length, idDims, inputs as Tensor[]);
    const [x, other] = inputs;
    const [labels, otherLabels] = idDims;
    if (!x || !labels) return undefined;
    if (x.dtype === 'bool' || labels.length !== x.shape.length) return undefined;
    const rank = allDims.length - summedDims.length;
    if (!other || !otherLabels) {
      if (labels.every((label, axis) => label === axis && label < rank)) return backend.alias(x);
      return backend.tensor(sum(builder, { value: backend.value(x), labels }, rank));
    }
    if (other.dtype !== x.dtype || otherLabels.length !== other.shape.length) return undefined;
    // tfjs-cpu has results of its own for what is summed in one of two tensors only.
    const isLonely = (label: number) => !labels.includes(label) || !otherLabels.includes(label);
    if (allDims.some((_, label) => label >= rank && isLonely(label))) return undefined;
    const terms = [
      { value: backend.value(x), labels },
      { value: backend.value(other), labels: otherLabels },
    ] as const;
    return backend.tensor(
      allDims.length === rank ? outerProduct(builder, ...terms, rank) : product(builder, ...terms, rank),
    );
  },
);

function sum(builder: GraphBuilder, { value, labels }: Term, rank: number): Value {
  const summed = [...labels.keys()].filter((axis) => labels[axis]! >= rank);
  const kept = labels.filter((label) => label < rank);
  return inOrder(builder, { value: builder.reduce('ReduceSum', value, summed, false), labels: kept });
}

/** Nothing is summed: elementwise, with axes of size 1 where a tensor lacks a label. */
function outerProduct(builder: GraphBuilder, a: Term, b: Term, rank: number): Value {
  const broadcastable = (term: Term) => {
    const shape = new Array<number>(rank).fill(1);
    for (const [axis, label] of term.labels.entries()) shape[label] = term.value.shape[axis]!;
    return builder.reshape(inOrder(builder, term), shape);
  };
  return builder.binary('Mul', broadcastable(a), broadcastable(b));
}

function product(builder: GraphBuilder, a: Term, b: Term, rank: number): Value {
  const common = a.labels.filter((label) => b.labels.includes(label));
  const batch = common.filter((label) => label < rank);
  const inner = common.filter((label) => label >= rank);
  const rows = a.labels.filter((label) => !common.includes(label));
  const columns = b.labels.filter((label) => !common.includes(label));
  const shape = [...batch, ...rows, ...columns].map((label) => sizeOfLabel(label, a, b));
  const labels = [...batch, ...rows, ...columns];
  if (a.value.type !== 'float32') {
    const [left, right] = [matrices(builder, a, batch, rows, inner), matrices(builder, b, batch, inner, columns)];
    const output = [...left.shape.slice(0, -1), right.shape.at(-1)!];
    const products = builder.operator('MatMul', [left, right], { type: a.value.type, shape: output });
    return inOrder(builder, { value: builder.reshape(products, shape), labels });
  }
  // The last axis stays where it is: moving it costs most.
  const transposeA = rows.includes(a.labels.at(-1)!);
  const transposeB = inner.includes(b.labels.at(-1)!);
  const left = transposeA ? matrices(builder, a, batch, inner, rows) : matrices(builder, a, batch, rows, inner);
  const right = transposeB ? matrices(builder, b, batch, columns, inner) : matrices(builder, b, batch, inner, columns);
  const products = builder.matMul(left, right, transposeA, transposeB);
  return inOrder(builder, { value: builder.reshape(products, shape), labels });
}

/** The term as matrices, [batch, rows, columns], each group of labels as one axis; without a batch axis if it has no such label. */
function matrices(
  builder: GraphBuilder,
  term: Term,
  batch: readonly number[],
  rows: readonly number[],
  columns: readonly number[],
): Value {
  const length = (group: readonly number[]) => group.reduce((size, label) => size * sizeOfLabel(label, term, term), 1);
  const turned = builder.transpose(
    term.value,
    [...batch, ...rows, ...columns].map((label) => term.labels.indexOf(label)),
  );
  return builder.reshape(turned, (batch.length > 0 ? [batch, rows, columns] : [rows, columns]).map(length));
}

function sizeOfLabel(label: number, a: Term, b: Term): number {
  const { value, labels } = a.labels.includes(label) ? a : b;
  return value.shape[labels.indexOf(label)]!;
}

/** With the axes in the order of their labels. */
function inOrder(builder: GraphBuilder, { value, labels }: Term): Value {
  const sorted = [...labels].sort((left, right) => left - right);
  return builder.transpose(
    value,
    sorted.map((label) => labels.indexOf(label)),
  );
}
