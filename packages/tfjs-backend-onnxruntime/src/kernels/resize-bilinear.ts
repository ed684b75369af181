import type { NamedTensorInfoMap, ResizeBilinearAttrs, ResizeBilinearInputs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { pick } from '../operators/pick.ts';
import { columns, type LinearSamples, linearSamples, rows, samplingOf } from '../operators/sampling.ts';
import { graphKernel } from './kernel.ts';

function interpolate(builder: GraphBuilder, x: Value, { low, high, fraction }: LinearSamples, axis: number): Value {
  const first = pick(builder, x, low, axis);
  if (low.every((index, at) => index === high[at])) return first;
  const weights = builder.floats(
    fraction,
    x.shape.slice(axis).map((_, at) => (at === 0 ? fraction.length : 1)),
  );
  const step = builder.binary('Sub', pick(builder, x, high, axis), first);
  return builder.binary('Add', first, builder.binary('Mul', step, weights));
}

/**
 * Images in another size. The positions are known when the graph is recorded, so that pixels are picked by constant indices:
 * this is what tfjs computes to the last pixel, also next to infinities and NaN.
 */
export const resizeBilinear = graphKernel<ResizeBilinearInputs & NamedTensorInfoMap, ResizeBilinearAttrs>(
  'ResizeBilinear',
  ({ inputs: { images }, attrs, backend, builder }) => {
    const samplings = samplingOf(images.shape, attrs.size, attrs);
    if (!samplings) return undefined;
    const [vertical, horizontal] = [linearSamples(samplings[0]), linearSamples(samplings[1])];
    const value = builder.cast(backend.value(images), 'float32');
    const result = interpolate(builder, interpolate(builder, value, horizontal, columns), vertical, rows);
    return result === backend.value(images) ? backend.alias(images) : backend.tensor(result);
  },
);
