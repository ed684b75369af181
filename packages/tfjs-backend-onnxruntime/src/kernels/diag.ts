import type { DiagInputs } from '@tensorflow/tfjs-core';
import { padded } from '../operators/padded.ts';
import { graphKernel } from './kernel.ts';

/** A tensor of twice the rank with the elements on its diagonal and zeros elsewhere. */
export const diag = graphKernel<DiagInputs>('Diag', ({ inputs: { x }, backend, builder }) => {
  const value = backend.value(x);
  const { size } = value;
  const column = builder.reshape(value.type === 'bool' ? builder.cast(value, 'int32') : value, [size, 1]);
  // Behind every element as many zeros as a row is long: the next one lies one place further to the right.
  const spread = builder.reshape(
    padded(
      builder,
      column,
      [
        [0, 0],
        [0, size],
      ],
      0,
    ),
    [size * (size + 1)],
  );
  const square = builder.reshape(builder.slice(spread, [0], [size * size]), [...x.shape, ...x.shape]);
  return backend.tensor(builder.cast(square, value.type));
});
