import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '@dynact/files';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { SourceFormat } from '../definition.ts';
import { type DocumentReader, documentName, type SourceFile, unreadable } from './documents.ts';

/**
 * The rows of a Parquet file's column as documents, or together as one. One row group's column is held at a time: how much that is was
 * decided by who wrote the file.
 */
export function parquetReader({ column, documents }: Extract<SourceFormat, { kind: 'parquet' }>): DocumentReader {
  return async function* (source, hash) {
    const handle = await open(source.path).catch((error: unknown) => {
      throw unreadable(source.path, error);
    });
    try {
      for await (const bytes of createReadStream(source.path, { highWaterMark: 1024 * 1024 })) hash(bytes as Buffer);
      const file = asyncBuffer(handle, source.bytes);
      const metadata = await readMetadata(source, file, column);
      const rows = Number(metadata.num_rows);
      const name = documentName(source.name);
      let rowStart = 0;
      for (const group of metadata.row_groups) {
        const rowEnd = rowStart + Number(group.num_rows);
        const texts = await readRows(source, file, metadata, column, rowStart, rowEnd);
        const parts = texts.map((text, index) =>
          documents === 'file'
            ? { document: name, text, last: false }
            : { document: `${name}:${rowStart + index}`, text, last: true },
        );
        rowStart = rowEnd;
        yield { parts, position: Math.round((source.bytes * rowEnd) / Math.max(1, rows)) };
      }
      if (documents === 'file') yield { parts: [{ document: name, text: '', last: true }], position: source.bytes };
    } finally {
      await handle.close();
    }
  };
}

function asyncBuffer(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const buffer = new ArrayBuffer(end - start);
      const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, end - start, start);
      return bytesRead === end - start ? buffer : buffer.slice(0, bytesRead);
    },
  };
}

async function readMetadata(source: SourceFile, file: AsyncBuffer, column: string): Promise<FileMetaData> {
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw damaged(source, error);
  });
  const columns = parquetSchema(metadata).children.map((child) => child.element.name);
  if (!columns.includes(column)) {
    throw new InputError('dataset', `${source.path} has no column "${column}": its columns are ${columns.join(', ')}`);
  }
  return metadata;
}

async function readRows(
  source: SourceFile,
  file: AsyncBuffer,
  metadata: FileMetaData,
  column: string,
  rowStart: number,
  rowEnd: number,
): Promise<string[]> {
  let rows: unknown[][] = [];
  try {
    const onComplete = (complete: unknown[][]) => {
      rows = complete;
    };
    await parquetRead({ file, metadata, columns: [column], rowStart, rowEnd, compressors, onComplete });
  } catch (error) {
    throw damaged(source, error);
  }
  return rows.map(([text], index) => {
    if (typeof text === 'string') return text;
    throw new InputError(
      'dataset',
      `${source.path}: row ${rowStart + index} of column "${column}" holds no text: name a column of texts`,
    );
  });
}

function damaged(source: SourceFile, error: unknown): InputError {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  return new InputError('dataset', `${source.path} is not a whole Parquet file (${reason}): fetch it again`);
}
