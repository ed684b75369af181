import type { OneHotAttrs, OneHotInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** A new last axis that holds onValue at the index and offValue elsewhere. */
export const oneHot = graphKernel<OneHotInputs, OneHotAttrs>(
  'OneHot',
  ({ inputs: { indices }, attrs: { depth, onValue, offValue, dtype }, backend, builder }) => {
    const type = dtype ?? 'float32';
    if (type === 'string' || type === 'complex64') return undefined;
    // ONNX wants an axis to put the new one behind.
    const index = builder.reshape(backend.value(indices), indices.shape.length === 0 ? [1] : indices.shape);
    if (builder.differs('oneHotIsMissing')) {
      const bounds = [0, depth, 1].map((bound) => builder.scalar(bound, 'int32'));
      const numbers = builder.operator('Range', bounds, { type: 'int32', shape: [depth] });
      const isHot = builder.binary('Equal', builder.reshape(index, [...index.shape, 1]), numbers, 'bool');
      const [on, off] = [onValue, offValue].map((value) => builder.scalar(value, type === 'bool' ? 'int32' : type));
      const rows = builder.cast(builder.where(isHot, on!, off!), type);
      return backend.tensor(builder.reshape(rows, [...indices.shape, depth]));
    }
    // tfjs leaves a row of offValue for any index outside; ONNX counts negative ones from the end.
    const outside = builder.scalar(depth, 'int32');
    const negative = builder.binary('Less', index, builder.scalar(0, 'int32'), 'bool');
    const valueType = type === 'bool' ? 'int32' : type;
    const values = builder.concat(
      [offValue, onValue].map((value) => builder.reshape(builder.scalar(value, valueType), [1])),
      0,
    );
    // ONNX Runtime has this operator for a few combinations of types only.
    const count = valueType === 'int32' ? builder.scalar(depth, 'float32') : builder.integers([depth], []);
    const hot = builder.operator(
      'OneHot',
      [builder.cast(builder.where(negative, outside, index), 'int64'), count, values],
      { type: valueType, shape: [...index.shape, depth] },
      { axis: -1 },
    );
    return backend.tensor(builder.reshape(builder.cast(hot, type), [...indices.shape, depth]));
  },
);
