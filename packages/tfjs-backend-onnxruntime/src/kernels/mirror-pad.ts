import type { MirrorPadAttrs, MirrorPadInputs } from '@tensorflow/tfjs-core';
import { pick } from '../operators/pick.ts';
import { graphKernel } from './kernel.ts';

/** Repeats what is next to each edge in reverse: from the edge itself ('symmetric') or from behind it ('reflect'). */
export const mirrorPad = graphKernel<MirrorPadInputs, MirrorPadAttrs>(
  'MirrorPad',
  ({ inputs: { x }, attrs: { paddings, mode }, backend, builder }) => {
    const edge = mode === 'reflect' ? 0 : 1;
    const value = backend.value(x);
    let result = value;
    for (const [axis, [before, after]] of paddings.entries()) {
      const size = x.shape[axis]!;
      const mirrored = Array.from({ length: before + size + after }, (_, at) => {
        const index = at - before;
        if (index < 0) return -index - edge;
        return index < size ? index : 2 * (size - 1) - index + edge;
      });
      if (mirrored.some((index) => index < 0 || index >= size)) return undefined;
      result = pick(builder, result, mirrored, axis);
    }
    return result === value ? backend.alias(x) : backend.tensor(result);
  },
);
