import { readOwnFile } from './own-file.ts';
import { RunLog } from './run-log.ts';

/** Bytes from the end of a log: the second look is for logs whose evaluations lie far apart. */
const looks = [32 * 1024, 1024 * 1024];

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
  let tail: Tail | undefined;
  for (const bytes of looks) {
    tail = tailOf(path, readOwnFile(path, bytes), bytes < size);
    const isEvaluated = Object.keys(tail.values).some((name) => !name.startsWith('train/'));
    if (isEvaluated || bytes >= size) break;
  }
  return tail!;
}

function tailOf(path: string, text: string, isCut: boolean): Tail {
  const lines = recent(text.split('\n').slice(isCut ? 1 : 0, -1));
  const log = new RunLog(path);
  log.addLines(lines.slice(0, 1));
  const first = log.at;
  log.addLines(lines.slice(1));
  const { step, ms } = log.at;
  const steps = step - first.step;
  const values = Object.fromEntries([...log.series].map(([name, series]) => [name, series.lastValue]));
  return { step, ms, msPerStep: steps > 0 ? (ms - first.ms) / steps : null, values };
}

/** The last lines, and before them the last with an evaluation: the others would only take time. */
function recent(lines: readonly string[]): string[] {
  const [older, newer] = [lines.slice(0, -20), lines.slice(-20)];
  const evaluation = older.findLast((line) => line.includes('"evaluation"'));
  return evaluation === undefined ? newer : [evaluation, ...newer];
}
