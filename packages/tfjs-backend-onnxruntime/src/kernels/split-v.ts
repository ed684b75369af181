import {
  backend_util,
  type SplitVAttrs,
  type SplitVInputs,
  type Tensor,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Cuts a tensor into pieces along one axis. */
export const splitV = graphKernel<SplitVInputs, SplitVAttrs>('SplitV', ({ inputs: { x }, attrs, backend, builder }) => {
  const axis = util.parseAxisParam(attrs.axis, x.shape)[0]!;
  const sizes = backend_util.prepareSplitSize(x as Tensor, attrs.numOrSizeSplits, axis);
  if (sizes.length === 1) return [backend.alias(x)];
  if (sizes.includes(0)) return undefined;
  return builder.split(backend.value(x), sizes, axis).map((value): TensorInfo => backend.tensor(value));
});
