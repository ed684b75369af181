import '@tensorflow/tfjs';
import type { TrainingBatches } from '@dynact/data';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { MicroBatches } from '../src/loop/micro-batches.ts';
import { tinyModel } from './support/tiny-model.ts';

const [sites, rows, width] = [3, 16, 16];
const tokens = Int32Array.from({ length: rows }, (_, index) => index);
const batches = { batch: () => ({ inputs: tokens, targets: tokens }) } as unknown as TrainingBatches;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('the draws of dropout', () => {
  const drawsOf = ({ seed = 1, step = 4, microBatch = 0, dropout = 0.25 }) => {
    const model = tinyModel({ dropout });
    const all = [...new MicroBatches(batches, model, { seed, perStep: 2 }).of(step)];
    const draws = all[microBatch]!.dropout.map(({ rows, columns }) => [rows, columns].map((t) => t.dataSync()));
    tf.dispose(all);
    model.dispose();
    return draws;
  };

  test('depend on seed, step, micro-batch and place, and on nothing else', () => {
    const draws = drawsOf({});
    expect(draws).toHaveLength(sites);
    expect(drawsOf({})).toEqual(draws);
    for (const changed of [{ seed: 2 }, { step: 5 }, { microBatch: 1 }]) expect(drawsOf(changed)).not.toEqual(draws);
    expect(draws[0]).not.toEqual(draws[1]);
  });

  test('are six vectors for each place, not a mask: none of its size crosses to the device', () => {
    const elements = drawsOf({})
      .flat()
      .reduce((sum, { length }) => sum + length, 0);
    expect(elements).toBe(sites * 3 * (rows + width));
    expect(drawsOf({ dropout: 0 })).toEqual([]);
  });
});
