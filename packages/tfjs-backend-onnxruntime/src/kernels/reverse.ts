import { type FlipLeftRightInputs, type ReverseAttrs, type ReverseInputs, util } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

const beforeTheFirst = -(2 ** 31);

/** Reverses the order along some axes; FlipLeftRight is that of an image's columns. */
export const reverseKernels: readonly GraphKernel[] = [
  graphKernel<ReverseInputs, ReverseAttrs>('Reverse', ({ inputs: { x }, attrs: { dims }, backend, builder }) => {
    const axes = util.parseAxisParam(dims, x.shape);
    return axes.length === 0 ? backend.alias(x) : backend.tensor(reversed(builder, backend.value(x), axes));
  }),
  graphKernel<FlipLeftRightInputs>('FlipLeftRight', ({ inputs: { image }, backend, builder }) =>
    backend.tensor(reversed(builder, backend.value(image), [2])),
  ),
];

/** The value in reverse order along these axes, of which there must be one at least. */
export function reversed(builder: GraphBuilder, value: Value, axes: readonly number[]): Value {
  const each = (element: number) => builder.integers(axes.map(() => element));
  return builder.operator('Slice', [value, each(-1), each(beforeTheFirst), builder.integers(axes), each(-1)], value);
}
