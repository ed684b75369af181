import { InputError } from '@dynact/files';
import type { SourceFormat } from '../definition.ts';
import { readBytes } from './bytes.ts';
import type { SourceFile } from './documents.ts';

export type TextEncoding = Extract<SourceFormat, { kind: 'text' }>['encoding'];

export interface TextBlock {
  readonly text: string;
  /** Bytes of the file read so far. */
  readonly position: number;
}

/**
 * A file's contents as text. A byte order mark at the start is dropped.
 * @throws InputError for bytes that are not text of the encoding, and for NUL, which only binary files hold
 */
export async function* readText(
  file: SourceFile,
  encoding: TextEncoding,
  hash: (bytes: Uint8Array) => void,
): AsyncGenerator<TextBlock> {
  const isLatin1 = encoding === 'latin-1' || (encoding === 'utf-8-or-latin-1' && !(await isUtf8File(file)));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let read = 0;
  const decode = (bytes: Buffer | undefined): string => {
    try {
      if (isLatin1) return bytes?.toString('latin1') ?? '';
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new InputError(
        'dataset',
        `${file.path} is not UTF-8 text (after byte ${read}): convert it, or say "encoding": "latin-1" in a definition`,
      );
    }
  };
  let position = 0;
  for await (const block of readBytes(file, hash)) {
    if (block.bytes.includes(0)) {
      throw new InputError('dataset', `${file.path} is a binary file (a NUL after byte ${read}): give files of text`);
    }
    position = block.position;
    yield { text: decode(block.bytes), position };
    read += block.bytes.length;
  }
  yield { text: decode(undefined), position };
}

async function isUtf8File(file: SourceFile): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decodes = (bytes: Buffer | undefined): boolean => {
    try {
      decoder.decode(bytes, { stream: bytes !== undefined });
      return true;
    } catch {
      return false;
    }
  };
  for await (const { bytes } of readBytes(file, () => {})) if (!decodes(bytes)) return false;
  return decodes(undefined);
}
