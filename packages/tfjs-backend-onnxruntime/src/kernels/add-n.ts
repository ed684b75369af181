import type { TensorInfo } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** The sum of a list of tensors of one shape. */
export const addN = graphKernel<TensorInfo[]>('AddN', ({ inputs, backend, builder }) => {
  const tensors = Object.values(inputs);
  const first = tensors[0]!;
  if (tensors.length === 1) return backend.alias(first);
  if (tensors.some(({ dtype }) => dtype !== first.dtype) || first.dtype === 'bool') return undefined;
  const values = tensors.map((tensor) => backend.value(tensor));
  if (first.dtype === 'float32') return backend.tensor(builder.operator('Sum', values, values[0]!));
  return backend.tensor(values.reduce((sum, value) => builder.binary('Add', sum, value)));
});
