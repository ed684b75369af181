import type { DatasetDefinition, SourceFormat } from '../definition.ts';
import { compressionOf, type DocumentReader, type SourceFile, withoutCompression } from './documents.ts';
import { jsonLinesReader } from './read-jsonl.ts';
import { parquetReader } from './read-parquet.ts';
import { textReader } from './read-text.ts';

/** How to read a file of a corpus: as its definition says, or as its ending says. */
export function readerFor(definition: DatasetDefinition, file: SourceFile): DocumentReader {
  const format = definition.format ?? formatByEnding(file.name) ?? { kind: 'text', encoding: 'utf-8' };
  switch (format.kind) {
    case 'text':
      return textReader(format);
    case 'jsonl':
      return jsonLinesReader(format);
    case 'parquet':
      return parquetReader(format);
  }
}

/** The format that a file's ending stands for; a folder's other files are passed over. */
export function formatByEnding(name: string): SourceFormat | undefined {
  const plain = withoutCompression(name).toLowerCase();
  if (/\.(?:jsonl|ndjson)$/.test(plain)) return { kind: 'jsonl', field: 'text' };
  if (plain.endsWith('.parquet') && compressionOf(name) === undefined)
    return { kind: 'parquet', column: 'text', documents: 'row' };
  return /\.(?:txt|text|md)$/.test(plain) ? { kind: 'text', encoding: 'utf-8' } : undefined;
}
