import { type ChildProcess, fork } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InputError } from '@dynact/files';
import type { SourceFormat } from '../definition.ts';
import { type DocumentPart, type DocumentReader, documentName, type SourceFile, unreadable } from './documents.ts';
import type { ParquetColumn, ParquetReply, ParquetRequest } from './parquet-process.ts';

/**
 * The rows of a Parquet file's column as documents, or together as one; rows of null are passed over. One row group's
 * column is held at a time, in a process of its own: how much that is was decided by who wrote the file.
 */
export function parquetReader({ column, documents }: Extract<SourceFormat, { kind: 'parquet' }>): DocumentReader {
  return async function* (source, hash) {
    try {
      for await (const bytes of createReadStream(source.path, { highWaterMark: 1024 * 1024 })) hash(bytes as Buffer);
    } catch (error) {
      throw unreadable(source.path, error);
    }
    const name = documentName(source.name);
    let row = 0;
    for await (const { texts, position } of readColumn(source, column)) {
      const parts: DocumentPart[] = [];
      for (const text of texts) {
        if (text !== null && documents === 'file') parts.push({ document: name, text, last: false });
        else if (text !== null) parts.push({ document: `${name}:${row}`, text, last: true });
        row++;
      }
      yield { parts, position, nulls: texts.length - parts.length };
    }
    if (documents === 'file') yield { parts: [{ document: name, text: '', last: true }], position: source.bytes };
  };
}

/** Milliseconds in which an answer comes, and how many more for each megabyte of the file. */
const patience = 8_000;
const patiencePerMegabyte = 100;
/** Megabytes of JavaScript's memory for reading any file, and for each megabyte of it. */
const baseMemory = 256;
const memoryPerMegabyte = 12;

let requests = 0;
/** A process that has read its file, for the next one. */
let idle: { readonly child: ChildProcess; readonly memory: number } | undefined;

async function* readColumn(
  source: SourceFile,
  column: string,
): AsyncGenerator<Extract<ParquetReply, { texts: object }>> {
  const megabytes = Math.ceil(source.bytes / 1e6);
  const { child, memory } = await takeProcess(baseMemory + memoryPerMegabyte * megabytes);
  const damaged = (reason: string) =>
    new InputError('dataset', `${source.path} is not a whole Parquet file (${reason}): fetch it again`);
  const ask = (file?: ParquetColumn): Promise<ParquetReply> => {
    const request: ParquetRequest = { number: ++requests, ...(file === undefined ? {} : { file }) };
    const answer = reply(child, request.number, patience + patiencePerMegabyte * megabytes, damaged);
    child.send(request);
    return answer;
  };
  let isUsable = false;
  try {
    let answer = await ask({ path: source.path, bytes: source.bytes, column });
    for (; answer.texts !== undefined; answer = await ask()) yield answer;
    isUsable = true;
    if (answer.refused !== undefined) throw new InputError('dataset', `${source.path}${answer.refused}`);
  } finally {
    if (isUsable && idle === undefined) {
      idle = { child, memory };
      for (const handle of [child, child.channel]) handle?.unref();
    } else {
      child.kill('SIGKILL');
    }
  }
}

async function takeProcess(memory: number): Promise<{ child: ChildProcess; memory: number }> {
  const ready = idle;
  idle = undefined;
  if (ready !== undefined && ready.memory >= memory && ready.child.connected) {
    for (const handle of [ready.child, ready.child.channel]) handle?.ref();
    return ready;
  }
  ready?.child.kill('SIGKILL');
  const child = startProcess(memory);
  // Starting takes its time, whatever the file.
  await reply(child, 0, 60_000, (reason) => new Error(`no process to read Parquet files: ${reason}`));
  return { child, memory };
}

function reply(
  child: ChildProcess,
  number: number,
  milliseconds: number,
  failure: (reason: string) => Error,
): Promise<ParquetReply> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(failure('reading it does not end'))), milliseconds);
    const onMessage = (message: { number: number; reply: ParquetReply }): void => {
      if (message.number === number) settle(() => resolve(message.reply));
    };
    const onExit = (): void => settle(() => reject(failure('reading it takes too much memory')));
    const onError = (error: Error): void => settle(() => reject(failure(error.message)));
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
      end();
    };
    child.on('message', onMessage).on('exit', onExit).on('error', onError);
  });
}

/** Published, the file is JavaScript; in the workspace it is TypeScript, which tsx has to load. */
function startProcess(memoryMegabytes: number): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const loader = isSource ? ['--conditions=@dynact/source', `--import=${import.meta.resolve('tsx')}`] : [];
  return fork(fileURLToPath(new URL(`./parquet-process.${isSource ? 'ts' : 'js'}`, import.meta.url)), {
    execArgv: [...loader, `--max-old-space-size=${memoryMegabytes}`],
    // The loader keeps what it has translated in the temporary folder otherwise.
    env: isSource ? { ...process.env, TSX_DISABLE_CACHE: '1' } : process.env,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
