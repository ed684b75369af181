import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const sizes: Record<string, number> = { b: 2, c: 1, d: 6, h: 3, i: 4, j: 5, k: 7 };
const shapesOf = (equation: string): number[][] =>
  (equation.replaceAll(' ', '').split('->')[0] as string)
    .split(',')
    .map((term) => [...term].map((label) => sizes[label] as number));
const floats = (equation: string) => shapesOf(equation).map((shape, index) => random(shape, -2, 2, index + 3));
const integers = (equation: string) =>
  shapesOf(equation).map((shape, index) => randomIntegers(shape, -9, 10, index + 3));

const products = [
  'bij,bjk->bik',
  'bij,jk->bik',
  'bji,bjk->bik',
  'bij,bkj->bik',
  'ji,kj->ik',
  'ij,jk->ki',
  'bhid,bhjd->bhij',
  'bihd,bjhd->bhij',
  'bhij,bjhd->bihd',
  'bijd,hijd->bh',
  'ib,ib->b',
  'kb,kib->bi',
  'i,i->',
  'ij,j->i',
  'ic,cj->ij',
  'ij,ij->',
  ' b i j , b j k -> b i k ',
];
const others = ['i,j->ij', 'i,j->ji', 'bi,bj->bij', 'ij,ij->ij', 'ij,ij->ji', 'ij,j->ji', 'i,->i', ',->'];
const alone = ['ij->ij', 'ij->ji', 'ij->i', 'bij->jb', 'ij->', 'i->', 'bijk->kb'];

describe('einsum', () => {
  test.each([...products, ...others, ...alone])('%s', async (equation) => {
    await expectSameAsCpu(() => [tf.einsum(equation, ...floats(equation)), tf.einsum(equation, ...integers(equation))]);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('gives infinities and NaN where tfjs does', async () => {
    const rows = () => tf.tensor2d([1, Number.POSITIVE_INFINITY, 0, 2, Number.NaN, 1, 3, 0], [4, 2]);
    const columns = () => tf.tensor2d([0, 1, 2, Number.NEGATIVE_INFINITY, 5, 6], [2, 3]);
    await expectSameAsCpu(() => [
      tf.einsum('ij,jk->ik', rows(), columns()),
      tf.einsum('ij,ij->ij', rows(), rows()),
      tf.einsum('ij->j', rows()),
    ]);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('leaves to tfjs-cpu what only one tensor has and the result has not, bools, mixed types and empty tensors', async () => {
    const bools = () => tf.tensor2d([1, 0, 1, 1], [2, 2], 'bool');
    await expectSameAsCpu(() => [
      tf.einsum('ji,jk->k', ...floats('ji,jk->k')),
      tf.einsum('ij->ji', bools()),
      tf.einsum('ij,jk->ik', random([2, 3]), randomIntegers([3, 2], -3, 4)),
      tf.einsum('ij,jk->ik', tf.zeros([2, 0]), tf.zeros([0, 3])),
    ]);
    expect(backend.statistics.fallbacks).toEqual({ Einsum: 4 });
  });

  test('checks the equation as tfjs does', () => {
    expect(() => tf.einsum('ij,jk->ik', random([2, 3]), random([4, 2]))).toThrow('Expected dimension 3 at axis 0');
    expect(() => tf.einsum('ii->i', random([2, 2]))).toThrow('duplicate axes');
  });

  test('works inside compile', () => {
    const f = (x: tf.Tensor) => tf.einsum('bhid,bhjd->bhij', x, tf.mul(x, 2));
    const x = () => random([2, 3, 4, 6]);
    expect(Array.from(compile(f)(x()).dataSync())).toEqual(Array.from(f(x()).dataSync()));
  });
});
