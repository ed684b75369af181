import { readFileSync } from 'node:fs';
import { InputError } from '@dynact/files';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../src/index.ts';

/** Files that the reference implementation made: fixtures/make-safetensors-fixture.py. */
const reference = JSON.parse(
  readFileSync(new URL('./fixtures/safetensors-reference.fixture.json', import.meta.url), 'utf8'),
) as Record<'plain' | 'metadata' | 'none', string>;
const bytesOf = (name: keyof typeof reference) => new Uint8Array(Buffer.from(reference[name], 'base64'));

const floats = (...shape: number[]): StoredTensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, index) => (index - 3) * 0.25) };
};
const integers = (...shape: number[]): StoredTensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Int32Array.from({ length: count }, (_, index) => (index - 3) * 7) };
};
const tensors = new Map<string, StoredTensor>([
  ['tokenEmbedding', floats(5, 3)],
  ['positions', integers(2, 2, 3)],
  ['9', floats(4)],
  ['10', floats(1, 2)],
  ['scalar', floats()],
  ['empty', floats(0, 4)],
  ['größe "h.0"\n', integers(3)],
  [
    'special',
    { shape: [5], data: Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-45, 3.4028235e38) },
  ],
]);

/** A file with the given header and that many zero bytes of values. */
function file(header: unknown, valueBytes: number): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.byteLength + valueBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  bytes.set(text, 8);
  return bytes;
}

describe('against the reference implementation', () => {
  test('writes the same bytes, whatever the order of the map', () => {
    expect(encodeSafetensors(tensors)).toEqual(bytesOf('plain'));
    expect(encodeSafetensors(new Map([...tensors].reverse()))).toEqual(bytesOf('plain'));
    expect(encodeSafetensors(new Map([['a', floats(2)]]), { format: 'dynact' })).toEqual(bytesOf('metadata'));
    expect(encodeSafetensors(new Map())).toEqual(bytesOf('none'));
  });

  test('reads names, shapes, types and values', () => {
    const { tensors: read, metadata } = decodeSafetensors(bytesOf('plain'));
    expect(metadata).toEqual({});
    expect([...read.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, tensor] of tensors) expect(read.get(name)).toEqual(tensor);
    expect(Object.is(read.get('special')?.data[2], -0)).toBe(true);
    expect(decodeSafetensors(bytesOf('metadata')).metadata).toEqual({ format: 'dynact' });
    expect(decodeSafetensors(bytesOf('none')).tensors.size).toBe(0);
  });
});

describe('decoding', () => {
  test('reads from a Buffer of the shared pool, at any alignment, and shares no memory with it', () => {
    for (let shift = 0; shift < 8; shift += 1) {
      const pool = Buffer.alloc(bytesOf('plain').byteLength + 16, 0xff);
      pool.set(bytesOf('plain'), shift);
      const part = pool.subarray(shift, shift + bytesOf('plain').byteLength);
      const { tensors: read } = decodeSafetensors(part);
      part.fill(0xff);
      for (const [name, tensor] of tensors) {
        expect(read.get(name)).toEqual(tensor);
        expect(read.get(name)!.data.buffer.byteLength).toBe(tensor.data.byteLength);
      }
    }
    const pooled = Buffer.from(reference.plain, 'base64');
    expect(pooled.buffer.byteLength).toBeGreaterThan(pooled.byteLength);
    expect(decodeSafetensors(pooled).tensors.get('positions')).toEqual(tensors.get('positions'));
  });

  test('refuses the file cut at every length, in one line', () => {
    const bytes = bytesOf('plain');
    for (let length = 0; length < bytes.byteLength; length += 1) {
      const message = inputErrorOf(() => decodeSafetensors(bytes.subarray(0, length), 'weights.safetensors'));
      expect(message).toContain('weights.safetensors is cut off');
    }
  });

  test('refuses bytes that belong to no tensor', () => {
    const longer = new Uint8Array([...bytesOf('plain'), 0]);
    expect(inputErrorOf(() => decodeSafetensors(longer))).toContain('1 bytes that belong to no tensor');
  });

  test('answers any damaged byte with values or with one line', () => {
    const bytes = bytesOf('plain');
    fc.assert(
      fc.property(fc.nat(bytes.byteLength - 1), fc.nat(255), (position, value) => {
        const damaged = bytes.slice();
        damaged[position] = value;
        try {
          decodeSafetensors(damaged);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          expect(error.message).not.toMatch(/[\n\r]/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['no JSON', '{"a":', 0, 'not JSON'],
    ['a list', '[]', 0, 'not a JSON object'],
    [
      'an overlap',
      { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] }, b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } },
      8,
      'does not fit',
    ],
    ['a gap', { a: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8, 'does not fit'],
    ['a wrong shape', { a: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, 8, 'does not fit'],
    [
      'a shape beyond all numbers',
      { a: { dtype: 'F32', shape: [2 ** 52, 2 ** 52, 0], data_offsets: [0, 4] } },
      4,
      'does not fit',
    ],
    ['a negative size', { a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4, 'shape[0]'],
    [
      'half precision',
      { a: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } },
      4,
      'has type "BF16"; only F32 and I32',
    ],
    ['an unknown field', { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], 'x\ny': 1 } }, 4, 'Unrecognized key'],
    ['metadata that is not text', { __metadata__: { a: 1 } }, 0, '__metadata__'],
    ['line breaks in a name', { 'a\nb': { dtype: 'F64', shape: [1], data_offsets: [0, 8] } }, 8, 'a\\nb'],
  ])('refuses a header with %s', (_, header, valueBytes, expected) => {
    expect(inputErrorOf(() => decodeSafetensors(file(header, valueBytes)))).toContain(expected);
  });

  test('refuses a header longer than the format allows before reading it', () => {
    const bytes = new Uint8Array(64);
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 63n, true);
    expect(inputErrorOf(() => decodeSafetensors(bytes))).toContain('is not a safetensors file');
  });

  test('takes empty tensors in any order of the header', () => {
    const header = {
      full: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      empty: { dtype: 'F32', shape: [0], data_offsets: [0, 0] },
    };
    expect(decodeSafetensors(file(header, 4)).tensors.get('empty')).toEqual({ shape: [0], data: new Float32Array(0) });
  });
});

describe('encoding', () => {
  test('brings back whatever was stored', () => {
    const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__metadata__');
    const tensor = fc.oneof(
      fc.float32Array().map((data) => ({ shape: [data.length], data })),
      fc.int32Array().map((data) => ({ shape: [1, data.length], data })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, tensor)), (entries) => {
        const stored = new Map<string, StoredTensor>(entries);
        const bytes = encodeSafetensors(stored);
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
        expect(decodeSafetensors(bytes).tensors).toEqual(stored);
      }),
    );
  });

  test('refuses a shape that does not fit and the name that the format keeps', () => {
    const data = new Float32Array(3);
    expect(() => encodeSafetensors(new Map([['a', { shape: [2], data }]]))).toThrow('does not fit 3 values');
    expect(() => encodeSafetensors(new Map([['__metadata__', { shape: [3], data }]]))).toThrow('keeps that name');
  });

  test('stores a part of a longer array alone', () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const read = decodeSafetensors(encodeSafetensors(new Map([['a', { shape: [2], data }]])));
    expect(read.tensors.get('a')?.data).toEqual(Float32Array.of(2, 3));
  });
});
