import type { RunPatch, SeriesPatch } from '../protocol.ts';
import { readPart } from './log-reader.ts';
import type { ZoomWish } from './messages.ts';
import { RunLog } from './run-log.ts';

/** Bytes of all logs together, and of one: of longer parts the buckets show enough. */
const mostBytes = { together: 160 * 1024 * 1024, each: 8 * 1024 * 1024 };

/**
 * The curves of a run between two values of an axis, in more detail: that part of the log is read again, into buckets as
 * fine as the points allow.
 */
export function zoom(run: string, log: RunLog, wish: ZoomWish, flopsPerToken: number | null): RunPatch[] {
  const scale = wish.axis === 'flops' ? flopsPerToken : 1;
  if (scale === null || scale === 0) return [];
  const axis = wish.axis === 'step' ? 'step' : wish.axis === 'time' ? 'ms' : 'tokens';
  const [low, high] = [wish.low / scale, wish.high / scale];
  const [start, end] = log.bytesBetween(axis, low, high);
  if (end - start > Math.min(mostBytes.each, mostBytes.together / wish.runs.length)) return [];
  const part = new RunLog(log.reader.path);
  part.addLines(readPart(log.reader.path, start, end));
  const series = [...part.series].map(([name, each]): [string, SeriesPatch] => [name, each.patch(wish.points)]);
  return [{ run, reset: true, series: Object.fromEntries(series) }];
}
