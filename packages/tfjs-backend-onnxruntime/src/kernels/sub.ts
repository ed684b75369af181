import type { BinaryInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { complement } from '../operators/sigmoid.ts';
import { graphKernel } from './kernel.ts';

/** a - b, with broadcasting; float32 and int32. 1 - sigmoid(x) is sigmoid(-x): the gradient of a sigmoid has that factor. */
export const sub = graphKernel<BinaryInputs>('Sub', ({ inputs: { a, b }, backend, builder }) => {
  if (a.dtype !== b.dtype || a.dtype === 'bool') return undefined;
  const [left, right] = [backend.value(a), backend.value(b)];
  const isOne = () => sizeOf(a.shape) === 1 && backend.isConstant(a) && backend.knownElements(a)?.[0] === 1;
  const rest = a.shape.length <= b.shape.length ? complement(builder, right, isOne) : undefined;
  return backend.tensor(rest ?? builder.binary('Sub', left, right));
});
