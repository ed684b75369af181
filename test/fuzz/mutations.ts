/** Numbers in [0, 1) that follow from a text (xmur3 and mulberry32). */
export function randomOf(text: string): () => number {
  let state = 1779033703 ^ text.length;
  for (const character of text) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 3432918353);
    state = (state << 13) | (state >>> 19);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Texts that programs stumble over, put in place of a number or a string of JSON, or anywhere. */
const stumblingBlocks = [
  ...['0', '-1', '1e308', '-1e308', '1e999', '1e-320', '0.5', '9007199254740993', '4294967296', 'null', 'true', '[]', '{}'],
  ...['""', '"__proto__"', '"../../../up"', '"/etc/passwd"', '"\\u0000"', '"\\u001b[2J"', '"\\ud800"', '"NaN"', '\ufeff'],
]; // biome-ignore format: two lists

/** Deep and long ones, which cost time: one of so many is. */
const largeBlocks = ['['.repeat(100_000), '{"a":'.repeat(50_000), `"${'x'.repeat(1_000_000)}"`];
const otherBlocks = 50;

/** A damaged copy of one of the samples. */
export function mutated(samples: readonly Uint8Array[], random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const block = () => pick(below(otherBlocks) === 0 ? largeBlocks : stumblingBlocks);
  let bytes: Uint8Array = Buffer.from(pick(samples));
  for (let rounds = 1 + below(4); rounds > 0; rounds -= 1) {
    const at = below(bytes.length + 1);
    const length = below(Math.min(64, bytes.length - at + 1));
    const replaced = (content: Uint8Array) =>
      Buffer.concat([bytes.subarray(0, at), content, bytes.subarray(at + length)]);
    switch (below(7)) {
      case 0:
        for (let flips = 1 + below(8); flips > 0; flips -= 1) bytes[below(bytes.length)] = below(256);
        break;
      case 1:
        bytes = bytes.slice(0, at);
        break;
      case 2:
        bytes = replaced(new Uint8Array());
        break;
      case 3:
        bytes = replaced(pick(samples).subarray(below(100)));
        break;
      case 4:
        bytes = replaced(Buffer.from(block()));
        break;
      default:
        bytes = withBlockInPlaceOfValue(bytes, block(), random);
    }
  }
  return bytes;
}

/** The text with one of its numbers or strings replaced; binary headers are texts enough. */
function withBlockInPlaceOfValue(bytes: Uint8Array, block: string, random: () => number): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const values = [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|"[^"\\]*"/g)];
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) return bytes;
  const end = value.index + value[0].length;
  return Buffer.concat([bytes.subarray(0, value.index), Buffer.from(block), bytes.subarray(end)]);
}
