import { InputError } from '@dynact/files';
import { type Block, readBytes } from './bytes.ts';
import type { SourceFile } from './documents.ts';
import { refuseOtherFormats } from './first-bytes.ts';
import { createFileDecoder, type FileDecoder, refuseControls, utf8Or } from './text-decoder.ts';

export interface TextBlock {
  readonly text: string;
  /** Bytes of the file read so far. */
  readonly position: number;
}

/**
 * A file's contents as text. A byte order mark at the start decides the encoding and is dropped.
 * @param encoding one that `isTextEncoding` takes
 * @throws InputError for another format, for bytes that are not text of the encoding, and for NUL, which only binary
 * files hold
 */
export async function* readText(
  file: SourceFile,
  encoding: string,
  hash: (bytes: Uint8Array) => void,
): AsyncGenerator<TextBlock> {
  const label = encoding.startsWith(utf8Or)
    ? (await isUtf8File(file))
      ? 'utf-8'
      : encoding.slice(utf8Or.length)
    : encoding;
  let read = 0;
  const decode = (decoder: FileDecoder, bytes?: Buffer): string => {
    const isBinary = !decoder.encoding.startsWith('utf-16') && bytes?.includes(0);
    const text = isBinary ? '\0' : decodeOrRefuse(decoder, bytes, file, read);
    if (text.includes('\0')) {
      throw new InputError(
        'dataset',
        `${file.path} is a binary file (a NUL after byte ${read}): give files of text (if it is UTF-16 without a byte ` +
          'order mark, say "encoding": "utf-16le" in a definition)',
      );
    }
    refuseControls(text, decoder, file.path, read);
    read += bytes?.length ?? 0;
    return text;
  };
  let decoder: FileDecoder | undefined;
  let position = 0;
  for await (const block of withStart(readBytes(file, hash))) {
    if (decoder === undefined) refuseOtherFormats(file.path, block.bytes);
    decoder ??= createFileDecoder(label, block.bytes);
    position = block.position;
    yield { text: decode(decoder, block.bytes), position };
  }
  if (decoder !== undefined) yield { text: decode(decoder), position };
}

function decodeOrRefuse(decoder: FileDecoder, bytes: Buffer | undefined, file: SourceFile, read: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    const { encoding } = decoder;
    const advice = encoding === 'utf-8' ? 'say "encoding": "windows-1252" in a definition' : 'correct "encoding"';
    throw new InputError(
      'dataset',
      `${file.path} is not ${encoding.toUpperCase()} text (after byte ${read}): convert it, or ${advice}`,
    );
  }
}

/** Blocks as they come, the first of at least three bytes (if there are so many): a byte order mark is never cut. */
async function* withStart(blocks: AsyncGenerator<Block>): AsyncGenerator<Block> {
  let start: Block | undefined;
  for await (const block of blocks) {
    if (start === undefined || start.bytes.length < 3) {
      start = { ...block, bytes: Buffer.concat([start?.bytes ?? Buffer.alloc(0), block.bytes]) };
      if (start.bytes.length >= 3) yield start;
    } else {
      yield block;
    }
  }
  if (start !== undefined && start.bytes.length < 3) yield start;
}

async function isUtf8File(file: SourceFile): Promise<boolean> {
  let decoder: FileDecoder | undefined;
  try {
    for await (const { bytes } of withStart(readBytes(file, () => {}))) {
      decoder ??= createFileDecoder('utf-8', bytes);
      decoder.decode(bytes);
    }
    decoder?.decode();
    return true;
  } catch (error) {
    if (error instanceof InputError) throw error;
    return false;
  }
}
