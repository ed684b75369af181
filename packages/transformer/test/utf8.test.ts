import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { afterBytes, characterBoundary, Utf8Filter, Utf8Vocabulary } from '../src/generation/utf8.ts';

const strict = new TextDecoder('utf-8', { fatal: true });

function decodes(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

describe('afterBytes', () => {
  test('agrees with the decoder of the platform on arbitrary bytes', () => {
    // Mostly bytes at the limits of the ranges, where overlong forms and surrogates begin.
    const edge = fc.constantFrom(
      0x41,
      0x7f,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc1,
      0xc2,
      0xdf,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
    );
    const bytes = fc.array(fc.oneof(edge, fc.nat(255)), { maxLength: 6 }).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(bytes, (sequence) => {
        expect(afterBytes(characterBoundary, sequence)?.missing === 0).toBe(decodes(sequence));
      }),
      { numRuns: 5000 },
    );
  });

  test('takes any text in any pieces', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, cut) => {
        const bytes = new TextEncoder().encode(text);
        const middle = afterBytes(characterBoundary, bytes.subarray(0, cut));
        expect(middle).toBeDefined();
        expect(afterBytes(middle!, bytes.subarray(cut))).toEqual(characterBoundary);
      }),
    );
  });
});

test('a vocabulary is looked through once for each state, however many tokens are drawn', () => {
  const tokenBytes = vi.fn((token: number) => Uint8Array.of(token));
  const filter = new Utf8Filter(new Utf8Vocabulary(256, tokenBytes));
  const logits = new Float32Array(256);
  for (let draw = 0; draw < 50; draw++) {
    // A character of two bytes: two states.
    for (const byte of [0xc3, 0xa9]) {
      const possible = filter.apply(logits);
      expect(possible[byte]).toBe(0);
      expect(possible[0xc3 + 0xa9 - byte]).toBe(Number.NEGATIVE_INFINITY);
      filter.push(byte);
    }
  }
  expect(logits.every((logit) => logit === 0)).toBe(true);
  expect(tokenBytes).toHaveBeenCalledTimes(2 * 256 + 100);
});

test('random draws through the filter decode without a replacement character', () => {
  // One token a byte, and one that ends the text.
  const tokenBytes = (token: number) => (token === 256 ? new Uint8Array() : Uint8Array.of(token));
  const filter = new Utf8Filter(new Utf8Vocabulary(257, tokenBytes, 256));
  let state = 7;
  const bytes: number[] = [];
  for (let draw = 0; draw < 3000; draw++) {
    const logits = Float32Array.from({ length: 257 }, () => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state;
    });
    const possible = filter.apply(logits);
    const token = possible.indexOf(Math.max(...possible));
    filter.push(token);
    if (token === 256) expect(decodes(Uint8Array.from(bytes))).toBe(true);
    else bytes.push(token);
  }
  const text = new TextDecoder().decode(Uint8Array.from(bytes), { stream: true });
  expect(text).not.toContain('\ufffd');
  expect(text.length).toBeGreaterThan(500);
});
