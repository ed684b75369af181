import { readdirSync, readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { graphKernels } from '../src/kernels/index.ts';

// The table in docs/how-it-works.md.
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

test('says so in docs/how-it-works.md', () => {
  const readme = readFileSync(new URL('../docs/how-it-works.md', import.meta.url), 'utf8');
  const rows = readme.split('kernels that leaves 25:')[1]?.split('\n\n')[1];
  // "NonMaxSuppressionV3, V4 and V5" and "Dilation2D and its two gradients" are short for six of them.
  const short = new Set([
    'NonMaxSuppressionV4',
    'NonMaxSuppressionV5',
    'Dilation2DBackpropFilter',
    'Dilation2DBackpropInput',
  ]);
  const named = left.filter((name) => !short.has(name));
  expect(rows?.match(/\b[A-Z][A-Za-z]*[a-z]\w*/g)?.sort()).toEqual(named.sort());
  expect(left.length).toBe(25);
});

test('names each kernel once', () => {
  const names = graphKernels.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

/** Files of kernels that differ by an operator only. */
const families = /^(arg-reduce|binary|classify|compare|fft|fill|logical|reduce|resize-gradients|unary)\.ts$/;

test('has each kernel in the file of its name, or in that of its family', () => {
  const folder = new URL('../src/kernels/', import.meta.url);
  const files = readdirSync(folder).filter((file) => !/^(all|index|kernel)\.ts$/.test(file));
  const letters = (name: string) => name.toLowerCase().replace(/[-_]|\.ts$/g, '');
  const family = files.filter((file) => families.test(file)).map((file) => readFileSync(new URL(file, folder), 'utf8'));
  const alone = graphKernels
    .map(({ name }) => name)
    .filter((name) => !files.some((file) => letters(file) === letters(name)));
  expect(alone.filter((name) => !family.some((code) => code.includes(name.replace(/^Logical/, ''))))).toEqual([]);
  const names = new Set(graphKernels.map(({ name }) => letters(name)));
  expect(files.filter((file) => !families.test(file) && !names.has(letters(file)))).toEqual([]);
});
