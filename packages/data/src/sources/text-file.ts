import { createReadStream } from 'node:fs';
import type { DatasetDefinition } from '../definition.ts';
import { InputError, systemErrorCode } from '../errors.ts';
import { type DocumentPart, documentName, type SourceFile } from './documents.ts';

type StrictDecoder = InstanceType<typeof TextDecoder>;
type TextFormat = Extract<DatasetDefinition['format'], { kind: 'text' }>;

/** The text of a file as documents: one, or as many as separator lines make. @throws InputError for wrong bytes */
export async function* readTextFile(
  file: SourceFile,
  format: TextFormat,
  onBytes: (bytes: Uint8Array) => void,
): AsyncGenerator<DocumentPart> {
  const name = documentName(file.name);
  for await (const text of decodeText(file, format.encoding, onBytes)) {
    yield { document: name, text, last: false };
  }
  yield { document: name, text: '', last: true };
}

async function* decodeText(
  file: SourceFile,
  encoding: TextFormat['encoding'],
  onBytes: (bytes: Uint8Array) => void,
): AsyncGenerator<string> {
  const label = encoding === 'utf-8-or-latin-1' ? ((await isUtf8File(file)) ? 'utf-8' : 'latin-1') : encoding;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let position = 0;
  for await (const bytes of readBytes(file)) {
    onBytes(bytes);
    yield label === 'latin-1' ? bytes.toString('latin1') : decodeStrictly(decoder, bytes, file, position);
    position += bytes.length;
  }
  if (label === 'utf-8') yield decodeStrictly(decoder, undefined, file, position);
}

function decodeStrictly(decoder: StrictDecoder, bytes: Buffer | undefined, file: SourceFile, position: number): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw new InputError(
      `${file.path} is not UTF-8 text (near byte ${position}): convert it, or say "encoding": "latin-1" in a manifest`,
    );
  }
}

async function isUtf8File(file: SourceFile): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const bytes of readBytes(file)) decoder.decode(bytes, { stream: true });
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof InputError) throw error;
    return false;
  }
}

async function* readBytes(file: SourceFile): AsyncGenerator<Buffer> {
  try {
    for await (const bytes of createReadStream(file.path, { highWaterMark: 256 * 1024 })) yield bytes as Buffer;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new InputError(`${file.path} cannot be read (${code}): check the path and its permissions`);
  }
}
