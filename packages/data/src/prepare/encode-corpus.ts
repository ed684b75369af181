import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetDefinition } from '../definition.ts';
import { splitNames } from '../manifest.ts';
import type { SourceFile } from '../sources/documents.ts';
import type { CorpusTokenizer } from '../tokenizer/tokenizer.ts';
import type { EncodedTask } from './encode-task.ts';
import { Encoders } from './encoders.ts';
import { type Journal, writeJournal } from './journal.ts';
import { SplitWriter } from './split-writer.ts';
import { type FileNotes, makeTasks, type Task } from './tasks.ts';

export interface EncodeOptions {
  readonly workers: number;
  /** Before every write. @throws InputError when another process works in the folder now */
  readonly assertHeld: () => void;
  /** Bytes of the corpus whose tokens are written. */
  readonly onPosition: (position: number) => void;
  readonly signal: AbortSignal | undefined;
}

export interface EncodedSource extends FileNotes {
  name: string;
  bytes: number;
  sha256: string;
}

export interface EncodedCorpus {
  readonly sources: readonly EncodedSource[];
  /** Whether held-out text of one document was cut in the middle. */
  readonly wasHalved: boolean;
}

/** Bytes of the corpus between two entries of the journal: what a kill can cost. */
const journalBytes = 4 * 1024 * 1024;

/**
 * Writes the token files into `directory`, going on behind what `journal` says is there: tasks done before are read
 * again (the corpus has to be read to find the next one) but not encoded again.
 */
export async function encodeCorpus(
  directory: string,
  definition: DatasetDefinition,
  files: readonly SourceFile[],
  tokenizer: CorpusTokenizer,
  journal: Journal,
  { workers, assertHeld, onPosition, signal }: EncodeOptions,
): Promise<EncodedCorpus> {
  const sources: EncodedSource[] = [];
  let wasHalved = false;
  const writer = new SplitWriter(directory, tokenizer.vocabularySize, journal.tokens);
  const encoders = new Encoders(workers, tokenizer);
  try {
    const inOrder: { task: Task; encoded: Promise<EncodedTask>; isDone: boolean }[] = [];
    let written = journal.tasks;
    let journaled = 0;

    const writeNext = async (): Promise<void> => {
      const oldest = inOrder.shift()!;
      // Between two tasks of its own this thread has to hear the others, or they would run out of work.
      while (!oldest.isDone && encoders.help()) await nextTurn();
      const { task, encoded } = oldest;
      const ids = await encoded;
      assertHeld();
      for (const split of splitNames) if (ids[split] !== undefined) writer.append(split, ids[split]);
      written++;
      onPosition(task.position);
      if (task.position - journaled < journalBytes) return;
      writer.sync();
      writeJournal(directory, { key: journal.key, tasks: written, tokens: writer.totals });
      journaled = task.position;
    };

    let read = 0;
    const onFile = ({ name, bytes }: SourceFile, sha256: string, notes: FileNotes) =>
      sources.push({ name, bytes, sha256, ...notes });
    for await (const task of makeTasks(definition, files, onFile)) {
      signal?.throwIfAborted();
      if (read++ < journal.tasks) {
        journaled = task.position;
        onPosition(task.position);
        continue;
      }
      const pending = { task, encoded: encoders.encode(task.segments), isDone: false };
      // A failure is thrown when its turn comes.
      const settle = () => {
        pending.isDone = true;
      };
      pending.encoded.then(settle, settle);
      inOrder.push(pending);
      if (inOrder.length >= encoders.capacity) await writeNext();
    }
    while (inOrder.length > 0) await writeNext();
    assertHeld();
    const { splits } = definition;
    if (splits.by === 'position') writer.cutTail(splits);
    wasHalved = splits.by === 'file' && splits.test === undefined && writer.halveHeldOut();
    writer.sync();
  } finally {
    await encoders.close();
    writer.close();
  }
  return { sources, wasHalved };
}
