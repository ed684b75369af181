import { type GatherV2Attrs, type GatherV2Inputs, util } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { rowIndices } from '../operators/indices.ts';
import { graphKernel } from './kernel.ts';

/** Picks slices along one axis by int32 indices, with leading batch axes if `batchDims` says so. */
export const gatherV2 = graphKernel<GatherV2Inputs, GatherV2Attrs>(
  'GatherV2',
  ({ inputs: { x, indices }, attrs, backend, builder }) => {
    const batchDims = attrs.batchDims ?? 0;
    const axis = util.parseAxisParam(attrs.axis, x.shape)[0]!;
    const { type } = backend.value(x);
    const rows = x.shape[axis]!;
    const index = rowIndices(backend, indices, rows);
    const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
    if (batchDims === 0) {
      return backend.tensor(builder.operator('Gather', [backend.value(x), index], { type, shape }, { axis }));
    }
    if (axis !== batchDims) return undefined;
    // Every batch picks from rows of its own: number the rows of all batches in one sequence.
    const batches = sizeOf(x.shape.slice(0, axis));
    const inner = x.shape.slice(axis + 1);
    const perBatch = sizeOf(indices.shape.slice(batchDims));
    const offsets = builder.operator(
      'Range',
      [builder.scalar(0, 'int32'), builder.scalar(batches * rows, 'int32'), builder.scalar(rows, 'int32')],
      { type: 'int32', shape: [batches] },
    );
    const local = builder.reshape(index, [batches, perBatch]);
    const inAll = builder.binary('Add', local, builder.reshape(offsets, [batches, 1]));
    // Beyond a batch lies the next one: such an index is none of any batch.
    const isBeyond = builder.binary('GreaterOrEqual', local, builder.scalar(rows, 'int32'), 'bool');
    const global = builder.where(isBeyond, builder.scalar(batches * rows, 'int32'), inAll);
    const flat = builder.reshape(backend.value(x), [batches * rows, ...inner]);
    const picked = builder.operator(
      'Gather',
      [flat, global],
      { type, shape: [batches, perBatch, ...inner] },
      { axis: 0 },
    );
    return backend.tensor(builder.reshape(picked, shape));
  },
);
