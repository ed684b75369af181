import { backend_util, type ConcatAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Tensors one after the other along an axis. */
export const concat = graphKernel<TensorInfo[], ConcatAttrs>('Concat', ({ inputs, attrs, backend, builder }) => {
  const tensors = Object.values(inputs);
  const first = tensors[0]!;
  if (tensors.some(({ dtype }) => dtype !== first.dtype)) return undefined;
  const axis = util.parseAxisParam(attrs.axis, first.shape)[0]!;
  if (tensors.length === 1) return backend.alias(first);
  backend_util.assertParamsConsistent(
    tensors.map(({ shape }) => shape),
    axis,
  );
  return backend.tensor(
    builder.concat(
      tensors.map((tensor) => backend.value(tensor)),
      axis,
    ),
  );
});
