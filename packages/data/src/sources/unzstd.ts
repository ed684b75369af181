import { Decompress } from 'fzstd';

/** The largest window that the zstd command takes, unless it is told otherwise. */
const largestWindow = 128 * 1024 * 1024;
/** Bytes that may be moved for nothing: the decoder moves its window for every block, however small. */
const spareWork = 2e9;
/** And so many times the bytes that come out. */
const workPerByte = 4096;

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/**
 * Zstandard (RFC 8878), which Node 20 has not, by fzstd. It is given a block at a time, after a look at sizes: by
 * itself it makes room for any window that a frame asks for, and for all that a read's blocks hold.
 * @throws Error for data that is damaged, cut off, or asks for too much
 */
export async function* unzstd(raw: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = new Bytes(raw);
  const ready: Uint8Array[] = [];
  const decoder = new Decompress((bytes) => ready.push(bytes));
  let work = -spareWork;
  let magic = await input.upTo(4);
  if (magic.length === 0) throw new Error('unexpected EOF');
  for (; magic.length > 0; magic = await input.upTo(4)) {
    const kind = magic.length === 4 ? magic.readUInt32LE() : 0;
    if (kind >>> 4 === skippableMagic >>> 4) {
      await input.skip((await input.take(4)).readUInt32LE());
      continue;
    }
    if (kind !== frameMagic) throw new Error('invalid zstd data');
    const { header, window, hasChecksum } = await readHeader(input);
    decoder.push(Buffer.concat([magic, header]));
    for (let isLast = false; !isLast; ) {
      const start = await input.take(3);
      const fields = start.readUIntLE(0, 3);
      isLast = (fields & 1) === 1;
      const kindOfBlock = (fields >> 1) & 3;
      const block = await input.take(kindOfBlock === 1 ? 1 : fields >> 3);
      if (kindOfBlock === 2) checkHuffmanWeights(block);
      decoder.push(Buffer.concat([start, block]));
      work += window;
      for (const block of ready.splice(0)) {
        work -= block.length * workPerByte;
        yield Buffer.from(block.buffer, block.byteOffset, block.byteLength);
      }
      if (work > 0) throw new Error('its blocks are too small for its window');
    }
    if (hasChecksum) decoder.push(await input.take(4));
  }
  decoder.push(new Uint8Array(0), true);
  for (const block of ready) yield Buffer.from(block.buffer, block.byteOffset, block.byteLength);
}

/** The rest of a frame's header, behind its magic number. */
async function readHeader(input: Bytes): Promise<{ header: Buffer; window: number; hasChecksum: boolean }> {
  const first = await input.take(1);
  const descriptor = first.readUInt8();
  const isSingle = ((descriptor >> 5) & 1) === 1;
  const sizeFlag = descriptor >> 6;
  if ((descriptor & 3) !== 0) throw new Error('it needs a dictionary');
  const sizeBytes = sizeFlag === 0 ? Number(isSingle) : 1 << sizeFlag;
  const rest = await input.take((isSingle ? 0 : 1) + sizeBytes);
  let window = 0;
  if (isSingle) {
    for (const byte of [...rest].reverse()) window = 256 * window + byte;
    if (sizeFlag === 1) window += 256;
  } else {
    const base = 2 ** (10 + (rest.readUInt8() >> 3));
    window = base + (base / 8) * (rest.readUInt8() & 7);
  }
  if (window > largestWindow) throw new Error(`its window has ${window} bytes, more than ${largestWindow}`);
  return { header: Buffer.concat([first, rest]), window, hasChecksum: ((descriptor >> 2) & 1) === 1 };
}

/**
 * Refuses a compressed block whose Huffman weights are written by a finite state table of one symbol (RFC 8878, 4.1.1 and
 * 4.2.1): each takes no bits then, and fzstd never comes to the end of them.
 */
function checkHuffmanWeights(block: Buffer): void {
  const [first = 0] = block;
  const sizeFormat = (first >> 2) & 3;
  const tree = sizeFormat < 2 ? 3 : sizeFormat + 2;
  if ((first & 3) !== 2 || !(block[tree]! < 128)) return;
  let place = 8 * (tree + 1) + 4;
  const bits = (count: number) => {
    const byte = place >> 3;
    const three = block[byte]! | (block[byte + 1]! << 8) | (block[byte + 2]! << 16);
    return (three >> (place & 7)) & ((1 << count) - 1);
  };
  const accuracy = (block[tree + 1]! & 15) + 5;
  // fzstd refuses more itself.
  if (accuracy > 6) return;
  // Symbols without a probability may stand before the only one that has all.
  while (place < 8 * block.length) {
    if (bits(accuracy + 1) === 2 ** (accuracy + 1) - 1) throw new Error('invalid zstd data');
    if (bits(accuracy) !== 1) return;
    place += accuracy;
    let repeats = 3;
    for (; repeats === 3 && place < 8 * block.length; place += 2) repeats = bits(2);
  }
}

/** A stream of bytes, taken in pieces of any size. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** As many as there are, up to `count`. */
  async upTo(count: number): Promise<Buffer> {
    while (this.#held.length < count) {
      const { value, done } = await this.#source.next();
      if (done) break;
      this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
    }
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }

  async take(count: number): Promise<Buffer> {
    const taken = await this.upTo(count);
    if (taken.length < count) throw new Error('unexpected EOF');
    return taken;
  }

  async skip(count: number): Promise<void> {
    const piece = 64 * 1024;
    for (let left = count; left > 0; left -= piece) await this.take(Math.min(left, piece));
  }
}
