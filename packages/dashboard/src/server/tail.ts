import { readOwnBytes } from './own-file.ts';
import { RunLog } from './run-log.ts';

/** Bytes from the end of a log: the second look is for logs whose evaluations lie far apart. */
const looks = [32 * 1024, 1024 * 1024];
/** Lines from its end that are read: the others would only take time. */
const newest = 20;
const lineBreak = 0x0a;

/** The newest figures of a log, without reading all of it. */
export interface Tail {
  readonly step: number;
  /** Training time so far, and of a step lately, in milliseconds. */
  readonly ms: number;
  readonly msPerStep: number | null;
  /** Last value by series. */
  readonly values: Record<string, number>;
}

/** @throws Error of Node where the log cannot be opened */
export function readTail(path: string, size: number): Tail {
  let lines: string[] = [];
  for (const bytes of looks) {
    lines = recent(readOwnBytes(path, bytes), bytes < size);
    if (bytes >= size || lines.some((line) => /"(evaluation|activation)"/.test(line))) break;
  }
  return tailOf(path, lines);
}

function tailOf(path: string, lines: readonly string[]): Tail {
  const log = new RunLog(path);
  log.addLines(lines.slice(0, 1));
  const first = log.at;
  log.addLines(lines.slice(1));
  const { step, ms } = log.at;
  const steps = step - first.step;
  const values = Object.fromEntries([...log.series].map(([name, series]) => [name, series.lastValue]));
  return { step, ms, msPerStep: steps > 0 ? (ms - first.ms) / steps : null, values };
}

/** The last complete lines, and before them the last with an evaluation: found in the bytes, of which few become text. */
function recent(bytes: Buffer, isCut: boolean): string[] {
  const end = bytes.lastIndexOf(lineBreak) + 1;
  let begin = end;
  for (let count = 0; count < newest && begin > 0; count += 1) begin = lineBegin(bytes, begin - 2);
  const older = bytes.subarray(0, begin);
  const place = older.lastIndexOf('"evaluation"');
  const from = place < 0 ? begin : lineBegin(older, place);
  const lines = bytes
    .toString('utf8', begin, end)
    .split('\n')
    .slice(begin === 0 && isCut ? 1 : 0, -1);
  // A line that the look has cut is none.
  if (from === begin || (from === 0 && isCut)) return lines;
  return [bytes.toString('utf8', from, bytes.indexOf(lineBreak, place)), ...lines];
}

/** Where the line begins that a byte is of. */
function lineBegin(bytes: Buffer, at: number): number {
  return at < 0 ? 0 : bytes.lastIndexOf(lineBreak, at) + 1;
}
