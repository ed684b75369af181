import { InputError } from '@dynact/files';
import type { SourceFormat } from '../definition.ts';
import { splitLines } from '../text/lines.ts';
import {
  type DocumentPart,
  type DocumentParts,
  type DocumentReader,
  documentName,
  type SourceFile,
} from './documents.ts';
import { readText } from './text-blocks.ts';

/** One document is held whole, so this bounds the memory of a file without line feeds, and of what it may unfold to. */
const longestLine = 16 * 1024 * 1024;

/**
 * A file with one JSON object on each line; one field of it is a document's text. Empty lines are passed over, and so
 * are null and objects with null for a text.
 */
export function jsonLinesReader({ field }: Extract<SourceFormat, { kind: 'jsonl' }>): DocumentReader {
  return async function* (file, hash) {
    const name = documentName(file.name);
    let line = 0;
    const read = (lines: string[], position: number): DocumentParts => {
      const parts: DocumentPart[] = [];
      let nulls = 0;
      for (const content of lines) {
        line++;
        if (content.trim() === '') continue;
        const text = textOfLine(content, field, file, line);
        if (text === null) nulls++;
        else parts.push({ document: `${name}:${line}`, text, last: true });
      }
      return { parts, position, nulls };
    };
    const splitter = splitLines(
      longestLine,
      (long) =>
        new InputError('dataset', `${file.path}:${long} is longer than ${longestLine} characters: is this JSON lines?`),
    );
    let position = 0;
    for await (const block of readText(file, 'utf-8', hash)) {
      position = block.position;
      yield read(splitter.push(block.text), position);
    }
    yield read(splitter.end(), position);
  };
}

function textOfLine(line: string, field: string, file: SourceFile, number: number): string | null {
  const where = `${file.path}:${number}`;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new InputError('dataset', `${where} is not JSON: correct the line or remove it`);
  }
  if (value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new InputError('dataset', `${where} is not a JSON object: each line must be one, with a text in "${field}"`);
  }
  const text: unknown = Object.hasOwn(value, field) ? value[field as keyof typeof value] : undefined;
  if (typeof text === 'string' || text === null) return text;
  const problem = text === undefined ? `has no field "${field}"` : `has no text in "${field}"`;
  throw new InputError(
    'dataset',
    `${where} ${problem}: its fields are ${Object.keys(value).slice(0, 50).join(', ') || 'none'}`,
  );
}
