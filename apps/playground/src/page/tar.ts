/** Files as one: a tar archive (POSIX ustar), which every system unpacks, in the order of the map. */

const blockBytes = 512;

/** @param folder the one that they unpack into @param time of the files, in milliseconds since 1970 */
export function tarOf(files: ReadonlyMap<string, Uint8Array>, folder: string, time: number): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const [path, content] of files) {
    const padded = new Uint8Array(Math.ceil(content.byteLength / blockBytes) * blockBytes);
    padded.set(content);
    parts.push(header(`${folder}/${path}`, content.byteLength, time), padded);
  }
  return new Blob([...parts, new Uint8Array(2 * blockBytes)], { type: 'application/x-tar' });
}

function header(path: string, bytes: number, time: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(blockBytes);
  const write = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  write(path, 0);
  write(octal(0o644, 7), 100);
  write(octal(0, 7), 108);
  write(octal(0, 7), 116);
  write(octal(bytes, 11), 124);
  write(octal(Math.floor(time / 1000), 11), 136);
  write(' '.repeat(8), 148);
  write('0', 156);
  write('ustar\0', 257);
  write('00', 263);
  // The sum is taken with spaces in its own place.
  const sum = block.reduce((total, byte) => total + byte, 0);
  write(`${octal(sum, 6)} `, 148);
  return block;
}
