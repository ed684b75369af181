import '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { constantParameter, normalParameter, normalValues, Parameter, uniformStream } from '../src/index.ts';

const take = (stream: () => number, count: number) => Array.from({ length: count }, stream);

/** xoroshiro128+ (Blackman and Vigna 2018: rotations 24, 16, 37) in 64-bit integers, from the digest of the stream's name. */
function reference(seed: number, name: string): () => number {
  const mask = (1n << 64n) - 1n;
  const rotated = (x: bigint, by: bigint) => ((x << by) | (x >> (64n - by))) & mask;
  const digest = createHash('sha256').update(`${seed}/${name}`).digest();
  const word = (at: number) => BigInt(digest.readUInt32LE(at));
  let [a, b] = [(word(0) << 32n) | word(4), (word(8) << 32n) | word(12)];
  const next32 = () => {
    const result = (a + b) & mask;
    b ^= a;
    a = rotated(a, 24n) ^ b ^ ((b << 16n) & mask);
    b = rotated(b, 37n);
    return Number(result & 0xffffffffn);
  };
  return () => {
    const high = next32() & 0x3ffffff;
    const low = next32() & 0x7ffffff;
    return (high * 2 ** 27 + low) * 2 ** -53;
  };
}

describe('uniformStream', () => {
  test('is the generator that its name and seed stand for', () => {
    for (const [seed, name] of [
      [0, 'parameter/tokenEmbedding.weight'],
      [4294967295, 'dropout/1/0/0'],
      [7, ''],
    ] as const) {
      expect(take(uniformStream(seed, name), 20)).toEqual(take(reference(seed, name), 20));
    }
  });

  test('of another name or seed is another one, and draws lie in [0, 1) with the moments of a uniform', () => {
    const draws = take(uniformStream(1, 'a'), 50_000);
    expect(take(uniformStream(1, 'b'), 3)).not.toEqual(draws.slice(0, 3));
    expect(take(uniformStream(2, 'a'), 3)).not.toEqual(draws.slice(0, 3));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    const moment = (power: number) => draws.reduce((sum, draw) => sum + draw ** power, 0) / draws.length;
    // Four standard errors.
    expect(Math.abs(moment(1) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / draws.length));
    expect(Math.abs(moment(2) - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / draws.length));
  });
});

describe('normalValues', () => {
  test('are the Box-Muller transform of pairs of draws, also of an odd number', () => {
    const draws = [0.5, 0.125, 0.75, 0.5];
    const values = normalValues(() => draws.shift()!, 3, 2);
    // Radius 2 sqrt(2 ln 2) at an eighth of a turn, then 2 sqrt(2 ln 4) at half a turn.
    const expected = [2 * Math.sqrt(Math.LN2), 2 * Math.sqrt(Math.LN2), -2 * Math.sqrt(4 * Math.LN2)];
    for (const [index, value] of expected.entries()) expect(values[index]).toBeCloseTo(value, 6);
  });

  test('have mean 0 and the given deviation', () => {
    const values = Array.from(normalValues(uniformStream(3, 'normal'), 40_000, 0.5));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan((4 * 0.5) / Math.sqrt(values.length));
    expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
    expect(values.filter((value) => Math.abs(value) < 0.5).length / values.length).toBeCloseTo(0.6827, 2);
  });
});

describe('Parameter', () => {
  test('has a size before it has values, and says so when they are asked for', () => {
    const parameter = normalParameter('table', [3, 4], 'embedding', 0.1);
    expect(parameter).toMatchObject({ size: 12, trainable: true, learningRateMultiplier: 1, group: 'embedding' });
    expect(() => parameter.variable).toThrow('table has no values yet');
  });

  test('draws its values from the stream of its own name, and gives their memory back', async () => {
    await tf.setBackend('cpu');
    const before = tf.memory().numTensors;
    const [first, second] = ['a', 'b'].map((name) => normalParameter(name, [2, 3], 'matrix', 0.1));
    for (const parameter of [first!, second!]) parameter.create(5);
    expect(first!.variable.dataSync()).toEqual(normalValues(uniformStream(5, 'parameter/a'), 6, 0.1));
    expect(second!.variable.dataSync()).not.toEqual(first!.variable.dataSync());
    expect(constantParameter('gain', [3], 'norm', 1).initialValues(0)).toEqual(Float32Array.of(1, 1, 1));
    for (const parameter of [first!, second!]) parameter.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('is a variable that tfjs does not train where it is frozen', () => {
    const frozen = new Parameter({
      name: 'x',
      shape: [],
      group: 'activation',
      trainable: false,
      initialize: () => Float32Array.of(2),
    });
    frozen.create(0);
    expect(frozen.variable.trainable).toBe(false);
    frozen.dispose();
  });
});
