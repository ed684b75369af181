import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { graphKernels } from '../src/kernels/index.ts';

// The table in the README.
const left = [
  ...['StaticRegexReplace', 'StringNGrams', 'StringSplit', 'StringToHashBucketFast'],
  ...['NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5', 'Unique'],
  ...['RaggedGather', 'RaggedRange', 'RaggedTensorToTensor'],
  ...['SparseFillEmptyRows', 'SparseReshape', 'SparseSegmentMean', 'SparseSegmentSum'],
  ...['BroadcastArgs', 'Multinomial', 'Draw'],
  ...['CropAndResize', 'Dilation2D', 'Dilation2DBackpropFilter', 'Dilation2DBackpropInput'],
  ...['RotateWithOffset', 'SearchSorted', 'Transform'],
];

it('has a graph form of every kernel of tfjs-cpu but these', () => {
  const mapped = new Set(graphKernels.map(({ name }) => name));
  const all = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);
  expect(all.length).toBe(172);
  expect(all.filter((name) => !mapped.has(name)).sort()).toEqual(left.sort());
});

it('names each kernel once', () => {
  const names = graphKernels.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
