import { createHash } from 'node:crypto';
import type { DatasetDefinition } from '../definition.ts';
import type { SplitName } from '../manifest.ts';
import type { SourceFile } from '../sources/documents.ts';
import { readerFor } from '../sources/readers.ts';
import { createNormalizer } from '../text/normalize.ts';
import { firstSegmentLength } from '../text/segments.ts';
import { createSplitChooser } from './split-rules.ts';

/** A stretch of normal text that is encoded by itself. */
export interface Segment {
  readonly split: SplitName;
  readonly text: string;
  /** Whether the end of text follows. */
  readonly endsDocument: boolean;
}

/** A stretch that one thread encodes at a time. The tasks of a corpus are the same whoever works on them. */
export interface Task {
  readonly segments: readonly Segment[];
  /** Bytes of the corpus read by the end of this task. */
  readonly position: number;
}

/** Remarks for a reader of a file's text. */
export interface FileNotes {
  /** Rows without a text, passed over. */
  readonly nullRows: number;
  /** Characters from U+0080 to U+009F but the line end U+0085. */
  readonly controlCharacters: number;
}

/** Characters of a task: many short documents go together. */
const taskLength = 256 * 1024;

/**
 * Reads the corpus once, in order, in bounded memory.
 * @param onFile is told of each file when it has been read
 */
export async function* makeTasks(
  definition: DatasetDefinition,
  files: readonly SourceFile[],
  onFile: (file: SourceFile, sha256: string, notes: FileNotes) => void,
): AsyncGenerator<Task> {
  const chooser = createSplitChooser(definition, files);
  const normalizer = createNormalizer(definition.normalization);
  let segments: Segment[] = [];
  let length = 0;
  let position = 0;
  const add = (segment: Segment): void => {
    segments.push(segment);
    length += segment.text.length;
  };
  const takeTask = (): Task => {
    const task = { segments, position };
    segments = [];
    length = 0;
    return task;
  };

  for (const file of files) {
    const hash = createHash('sha256');
    const read = readerFor(definition, file);
    let split: SplitName | undefined;
    let held = '';
    let nullRows = 0;
    let controlCharacters = 0;
    const start = position;
    for await (const block of read(file, (bytes) => hash.update(bytes))) {
      position = start + block.position;
      nullRows += block.nulls ?? 0;
      for (const part of block.parts) {
        controlCharacters += part.text.match(/[\u0080-\u0084\u0086-\u009f]/g)?.length ?? 0;
        held += normalizer.push(part.text);
        if (part.last) held += normalizer.end();
        for (let cut = firstSegmentLength(held); cut > 0; cut = firstSegmentLength(held)) {
          split ??= chooser.split(file, part.document, held);
          add({ split, text: held.slice(0, cut), endsDocument: false });
          held = held.slice(cut);
          if (length >= taskLength) yield takeTask();
        }
        if (!part.last) continue;
        // A document of white space alone has become nothing, and is none.
        if (held !== '' || split !== undefined) {
          split ??= chooser.split(file, part.document, held);
          add({ split, text: held, endsDocument: true });
          if (length >= taskLength) yield takeTask();
        }
        held = '';
        split = undefined;
      }
    }
    position = start + file.bytes;
    onFile(file, hash.digest('hex'), { nullRows, controlCharacters });
  }
  chooser.finish();
  if (segments.length > 0) yield takeTask();
}
