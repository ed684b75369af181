import { InputError } from '@dynact/files';
import { decode as decodePng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';

/** A picture as bytes: red, green and blue in turn, rows from above. */
export interface DecodedPicture {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3] */
  readonly pixels: Uint8Array;
}

/** A stranger's file may promise more pixels than there is memory for. */
const mostMegapixels = 40;

/**
 * Decodes a PNG or JPEG in plain JavaScript. Transparency is dropped.
 * @param name for the error
 * @throws InputError when the bytes are no such picture, or are damaged
 */
export function decodePicture(bytes: Uint8Array, name: string): DecodedPicture {
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg) throw new InputError('dataset', `${name} is neither PNG nor JPEG; convert it or take it away`);
  try {
    return isPng ? fromPng(bytes) : fromJpeg(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new InputError('dataset', `${name} cannot be decoded (${reason}); take it away`);
  }
}

function fromJpeg(bytes: Uint8Array): DecodedPicture {
  const options = { useTArray: true, formatAsRGBA: false, maxResolutionInMP: mostMegapixels } as const;
  const { height, width, data } = decodeJpeg(bytes, options);
  return { height, width, pixels: data };
}

function fromPng(bytes: Uint8Array): DecodedPicture {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (header.getUint32(16) * header.getUint32(20) > mostMegapixels * 1e6) throw new Error('it is too large');
  const { height, width, data, depth, channels, palette } = decodePng(bytes);
  if (depth !== 8 && depth !== 16) throw new Error(`it has ${depth} bits a value`);
  const byte = (value: number) => (depth === 16 ? value >> 8 : value);
  const pixels = new Uint8Array(height * width * 3);
  for (let place = 0; place < height * width; place += 1) {
    for (let color = 0; color < 3; color += 1) {
      const at = place * channels;
      const grey = channels < 3;
      pixels[3 * place + color] =
        palette === undefined ? byte(data[grey ? at : at + color]!) : palette[data[place]!]![color]!;
    }
  }
  return { height, width, pixels };
}

/** A picture in another size, each new pixel the mean of the old ones that it covers, or the nearest where it covers none. */
export function resizePicture(picture: DecodedPicture, height: number, width: number): DecodedPicture {
  if (picture.height === height && picture.width === width) return picture;
  const pixels = new Uint8Array(height * width * 3);
  const span = (index: number, size: number, from: number): [number, number] => {
    const first = Math.floor((index * from) / size);
    return [first, Math.max(first + 1, Math.floor(((index + 1) * from) / size))];
  };
  for (let y = 0; y < height; y += 1) {
    const [top, bottom] = span(y, height, picture.height);
    for (let x = 0; x < width; x += 1) {
      const [left, right] = span(x, width, picture.width);
      for (let color = 0; color < 3; color += 1) {
        let sum = 0;
        for (let row = top; row < bottom; row += 1)
          for (let column = left; column < right; column += 1)
            sum += picture.pixels[3 * (row * picture.width + column) + color]!;
        pixels[3 * (y * width + x) + color] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return { height, width, pixels };
}
