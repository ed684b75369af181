import { InputError } from '@dynact/files';
import type { SourceFormat } from '../definition.ts';
import { splitLines } from '../text/lines.ts';
import { type DocumentPart, type DocumentReader, documentName, type SourceFile } from './documents.ts';
import { readText } from './text-blocks.ts';

/** One document is held whole, so this bounds the memory of a file without line feeds. */
const longestLine = 64 * 1024 * 1024;

/** A file with one JSON object on each line; one field of it is a document's text. Empty lines are passed over. */
export function jsonLinesReader({ field }: Extract<SourceFormat, { kind: 'jsonl' }>): DocumentReader {
  return async function* (file, hash) {
    const name = documentName(file.name);
    let line = 0;
    const read = (lines: string[]): DocumentPart[] =>
      lines.flatMap((text) => {
        line++;
        if (text.trim() === '') return [];
        return [{ document: `${name}:${line}`, text: textOfLine(text, field, file, line), last: true }];
      });
    const splitter = splitLines(
      longestLine,
      (long) =>
        new InputError('dataset', `${file.path}:${long} is longer than ${longestLine} characters: is this JSON lines?`),
    );
    let position = 0;
    for await (const block of readText(file, 'utf-8', hash)) {
      position = block.position;
      yield { parts: read(splitter.push(block.text)), position };
    }
    yield { parts: read(splitter.end()), position };
  };
}

function textOfLine(line: string, field: string, file: SourceFile, number: number): string {
  const where = `${file.path}:${number}`;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new InputError('dataset', `${where} is not JSON: correct the line or remove it`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError('dataset', `${where} is not a JSON object: each line must be one, with a text in "${field}"`);
  }
  const text = (value as Record<string, unknown>)[field];
  if (typeof text === 'string') return text;
  const problem = text === undefined ? `has no field "${field}"` : `has no text in "${field}"`;
  throw new InputError('dataset', `${where} ${problem}: its fields are ${Object.keys(value).join(', ') || 'none'}`);
}
