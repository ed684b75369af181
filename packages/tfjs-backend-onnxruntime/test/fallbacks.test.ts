import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
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

test('has a graph form of every kernel of tfjs-cpu but these', () => {
  const mapped = new Set(graphKernels.map(({ name }) => name));
  const all = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);
  expect(all.length).toBe(172);
  expect(all.filter((name) => !mapped.has(name)).sort()).toEqual(left.sort());
});

test('says so in the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, table] = readme.split('kernels that leaves 25:') as [string, string];
  const rows = table.split('\n\n')[1] as string;
  // "NonMaxSuppressionV3, V4 and V5" and "Dilation2D and its two gradients" are short for six of them.
  const short = new Set([
    'NonMaxSuppressionV4',
    'NonMaxSuppressionV5',
    'Dilation2DBackpropFilter',
    'Dilation2DBackpropInput',
  ]);
  const named = left.filter((name) => !short.has(name));
  expect(rows.match(/\b[A-Z][A-Za-z]*[a-z]\w*/g)?.sort()).toEqual(named.sort());
  expect(left.length).toBe(25);
});

test('names each kernel once', () => {
  const names = graphKernels.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
