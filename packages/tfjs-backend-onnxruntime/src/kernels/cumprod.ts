import { type CumprodAttrs, type CumprodInputs, util } from '@tensorflow/tfjs-core';
import type { Value } from '../graph/value.ts';
import { graphKernel } from './kernel.ts';

/** ONNX has no such operator, and this is one multiplication per position. */
const longest = 64;

/** Running products along one axis, in tfjs's order: another one would overflow elsewhere. */
export const cumprod = graphKernel<CumprodInputs, CumprodAttrs>(
  'Cumprod',
  ({ inputs: { x }, attrs: { axis: anyAxis, exclusive, reverse }, backend, builder }) => {
    const [axis] = util.parseAxisParam(anyAxis, x.shape);
    // tfjs multiplies whole numbers as doubles before it wraps them.
    if (axis === undefined || x.dtype !== 'float32' || x.shape[axis]! > longest) return undefined;
    const value = backend.value(x);
    const output = { type: value.type, shape: x.shape.map((size, at) => (at === axis ? 1 : size)) };
    const count = x.shape[axis]!;
    if (count === 1 && !exclusive) return backend.alias(x);
    const factors = [...builder.split(value, new Array(count).fill(1), axis)];
    if (reverse) factors.reverse();
    if (exclusive) factors.splice(0, factors.length, builder.filled(1, output), ...factors.slice(0, -1));
    const products: Value[] = [];
    for (const factor of factors) {
      const product = products.at(-1);
      products.push(product ? builder.binary('Mul', factor, product) : factor);
    }
    if (reverse) products.reverse();
    return backend.tensor(builder.concat(products, axis));
  },
);
