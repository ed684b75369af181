/** First bytes of a fat binary of CUDA: code for several architectures, one entry each. */
const magic = Buffer.from([0x50, 0xed, 0x55, 0xba]);
const headerSize = 16;
const machineCode = 2;

/**
 * Overwrites with zeros, which compress to nothing, the code of a CUDA library for other architectures than one. A fat binary
 * is a header of 16 bytes with the size of its entries at byte 8; an entry begins with its kind, the length of its own
 * header (at byte 4) and of its code (at byte 8), and has its architecture at byte 28.
 * @param architecture 90 for compute capability 9.0
 * @returns bytes of code that are left
 */
export function keepArchitecture(library: Buffer, architecture: number): number {
  let kept = 0;
  let at = library.indexOf(magic);
  while (at >= 0) {
    const header = library.readUInt16LE(at + 6);
    const size = Number(library.readBigUInt64LE(at + 8));
    const isFatBinary = header === headerSize && size <= library.length - at;
    const end = isFatBinary ? at + header + size : at + magic.length;
    for (let entry = isFatBinary ? at + header : end; entry < end; ) {
      const length = library.readUInt32LE(entry + 4);
      const code = Number(library.readBigUInt64LE(entry + 8));
      if (length === 0) break;
      const isKept = library.readUInt16LE(entry) === machineCode && library.readUInt32LE(entry + 28) === architecture;
      if (isKept) kept += code;
      else library.fill(0, entry + length, entry + length + code);
      entry += length + code;
    }
    at = library.indexOf(magic, end);
  }
  return kept;
}
