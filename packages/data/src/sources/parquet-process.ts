import { type FileHandle, open } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/**
 * A process's main file: reads one column of one Parquet file for `read-parquet.ts`. A few wrong bytes can make the
 * decoder ask for gigabytes, never end, or fail where nobody waits; all of that ends with this process.
 */

/** The file to read, or more of it. The number tells an answer from a late one to an earlier request. */
export interface ParquetRequest {
  readonly number: number;
  readonly file?: ParquetColumn;
}

export interface ParquetColumn {
  readonly path: string;
  readonly bytes: number;
  readonly column: string;
}

/** Texts of some rows, then undefined for the end; or the reason why there are none, in one line. */
export type ParquetReply =
  | { readonly texts: readonly (string | null)[]; readonly position: number }
  | { readonly texts?: undefined; readonly refused?: string };

/** Characters of a reply: a row group of any size goes over in pieces. */
const replyLength = 4 * 1024 * 1024;
/** A page may grow so much when it is decompressed, and by so many bytes beside. */
const mostGrowth = 1000;
const spareGrowth = 16 * 1024 * 1024;

/** A reason that needs no "is not a whole Parquet file" around it. */
class WrongColumn extends Error {}

async function* textsOf({ path, ...rest }: ParquetColumn): AsyncGenerator<ParquetReply> {
  const handle = await open(path);
  try {
    yield* textsIn(handle, rest);
  } finally {
    await handle.close();
  }
}

async function* textsIn(
  handle: FileHandle,
  { bytes, column }: Omit<ParquetColumn, 'path'>,
): AsyncGenerator<ParquetReply> {
  const file: AsyncBuffer = {
    byteLength: bytes,
    async slice(start, end = bytes) {
      if (!(start >= 0 && start <= end && end <= bytes)) throw new Error('it points outside of itself');
      const buffer = new ArrayBuffer(end - start);
      const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, end - start, start);
      return bytesRead === end - start ? buffer : buffer.slice(0, bytesRead);
    },
  };
  const metadata = await parquetMetadataAsync(file, { geoparquet: false });
  const columns = parquetSchema(metadata).children.map((child) => child.element.name);
  if (!columns.includes(column)) {
    throw new WrongColumn(`has no column "${column}": its columns are ${columns.slice(0, 50).join(', ')}`);
  }
  let row = 0;
  let bytesDone = 0;
  const groupBytes = metadata.row_groups.map((group) => Math.max(0, Number(group.total_byte_size)) || 1);
  const total = groupBytes.reduce((sum, size) => sum + size, 0);
  for (const [index, group] of metadata.row_groups.entries()) {
    const values = await readGroup(file, metadata, group, column);
    bytesDone += groupBytes[index]!;
    const position = Math.round((bytes * bytesDone) / total);
    let texts: (string | null)[] = [];
    let length = 0;
    for (const value of values) {
      const text = value ?? null;
      if (typeof text !== 'string' && text !== null) {
        throw new WrongColumn(`: row ${row} of column "${column}" holds no text: name a column of texts`);
      }
      row++;
      texts.push(text);
      length += text?.length ?? 0;
      if (length < replyLength) continue;
      yield { texts, position };
      texts = [];
      length = 0;
    }
    yield { texts, position };
  }
}

async function readGroup(
  file: AsyncBuffer,
  metadata: FileMetaData,
  group: FileMetaData['row_groups'][number],
  column: string,
): Promise<unknown[]> {
  let values: unknown[] = [];
  await parquetRead({
    file,
    metadata: { ...metadata, num_rows: group.num_rows, row_groups: [group] },
    columns: [column],
    compressors: bounded,
    onComplete: (rows: unknown[][]) => {
      values = rows.map(([value]) => value);
    },
  });
  return values;
}

const bounded: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, length: number) => {
      if (length > spareGrowth + mostGrowth * input.length) throw new Error(`a page of it grows to ${length} bytes`);
      return decompress(input, length);
    },
  ]),
);

function refusal(error: unknown): ParquetReply {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 2000);
  return {
    refused: error instanceof WrongColumn ? reason : ` is not a whole Parquet file (${reason}): fetch it again`,
  };
}

/** The other process, which started this one, asks for each reply. */
function answer(number: number, reply: ParquetReply): void {
  process.send?.({ number, reply });
}

let texts: AsyncGenerator<ParquetReply> | undefined;
let last = 0;
process.on('message', ({ number, file }: ParquetRequest) => {
  last = number;
  if (file !== undefined) texts = textsOf(file);
  texts?.next().then(
    ({ value }) => answer(number, value ?? {}),
    (error: unknown) => answer(number, refusal(error)),
  );
});
process.on('unhandledRejection', (error) => answer(last, refusal(error)));
// A signal of the terminal goes to every process of it; the other one decides.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Without the process that asks, this one ends; a thread sees to that even while the decoder does not come back.
const watch = `const { workerData } = require('node:worker_threads');
  setInterval(() => process.ppid === workerData || process.kill(process.pid, 'SIGKILL'), 500);`;
new Worker(watch, { eval: true, execArgv: [], workerData: process.ppid }).unref();
process.on('disconnect', () => process.exit());
answer(0, {});
