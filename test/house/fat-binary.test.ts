import { expect, test } from 'vitest';
import { keepArchitecture } from '../../scripts/fat-binary.ts';

/** An entry of a fat binary: code of so many bytes, each of them `fill`. */
function entry(kind: number, architecture: number, size: number, fill: number): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt16LE(kind, 0);
  header.writeUInt32LE(header.length, 4);
  header.writeBigUInt64LE(BigInt(size), 8);
  header.writeUInt32LE(architecture, 28);
  return Buffer.concat([header, Buffer.alloc(size, fill)]);
}

function fatBinary(...entries: Buffer[]): Buffer {
  const body = Buffer.concat(entries);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(0xba55ed50, 0);
  header.writeUInt16LE(1, 4);
  header.writeUInt16LE(16, 6);
  header.writeBigUInt64LE(BigInt(body.length), 8);
  return Buffer.concat([header, body]);
}

test('code for other GPUs is overwritten with zeros, and nothing else', () => {
  const build = (a: number, b: number) =>
    Buffer.concat([
      Buffer.from('text before it'),
      fatBinary(entry(2, 80, 100, a), entry(2, 90, 40, 7), entry(1, 90, 30, b)),
      // The same bytes within code are no fat binary.
      Buffer.from([0x50, 0xed, 0x55, 0xba, 1, 0, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
      fatBinary(entry(2, 90, 8, 5)),
      Buffer.from('text behind it'),
    ]);
  const library = build(3, 4);
  expect(keepArchitecture(library, 90)).toBe(48);
  expect(library.equals(build(0, 0))).toBe(true);
  expect(keepArchitecture(build(3, 4), 120)).toBe(0);
});
