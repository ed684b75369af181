import { type MaxAttrs, type SumAttrs, type SumInputs, util } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { ElementType, Value } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

interface Reduction {
  op: string;
  /** The type that is reduced, and the type of the result if it is another. */
  type: (given: ElementType) => ElementType | undefined;
  result?: ElementType;
}

const numeric = (type: ElementType): ElementType | undefined => (type === 'bool' ? undefined : type);

const reductions: Record<string, Reduction> = {
  All: { op: 'ReduceMin', type: () => 'int32', result: 'bool' },
  Any: { op: 'ReduceMax', type: () => 'int32', result: 'bool' },
  Max: { op: 'ReduceMax', type: numeric },
  Mean: { op: 'ReduceMean', type: () => 'float32' },
  Min: { op: 'ReduceMin', type: numeric },
  Prod: { op: 'ReduceProd', type: numeric },
  Sum: { op: 'ReduceSum', type: (given) => (given === 'float32' ? 'float32' : 'int32') },
};

/** Reductions over any axes, with or without keeping them as 1. */
export const reduceKernels: readonly GraphKernel[] = Object.entries(reductions).map(([name, { op, type, result }]) =>
  graphKernel<SumInputs, SumAttrs & MaxAttrs>(name, ({ inputs: { x }, attrs, backend, builder }) => {
    const reducedType = type(backend.value(x).type);
    if (!reducedType) return undefined;
    // Max alone calls its axes something else.
    const axes = util.parseAxisParam(attrs.reductionIndices ?? attrs.axis, x.shape);
    if (axes.length === 0 && (result ?? reducedType) === x.dtype) return backend.alias(x);
    const value = builder.cast(backend.value(x), reducedType);
    let reduced = builder.reduce(op, value, axes, Boolean(attrs.keepDims));
    if ((name === 'Max' || name === 'Min') && x.dtype === 'float32' && axes.length > 0) {
      reduced = withNaN(builder, value, reduced, axes, Boolean(attrs.keepDims));
    }
    return backend.tensor(builder.cast(reduced, result ?? reducedType));
  }),
);

/** NaN where any reduced element is: ONNX Runtime's ReduceMax and ReduceMin pass over them. */
function withNaN(builder: GraphBuilder, x: Value, reduced: Value, axes: readonly number[], keepDims: boolean): Value {
  const isNaNs = builder.cast(builder.isNaN(x), 'float32');
  const anyNaN = builder.cast(builder.reduce('ReduceMax', isNaNs, axes, keepDims), 'bool');
  return builder.where(anyNaN, builder.scalar(Number.NaN, 'float32'), reduced);
}
