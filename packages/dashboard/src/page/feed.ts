import type { ComparisonRow, LiveComparison, RunDetail, RunPatch, RunRow, StreamMessage } from '../protocol.ts';
import { type Points, patched } from './points.ts';

/** Knowledge of the page about one run. */
export interface RunData {
  readonly series: ReadonlyMap<string, Points>;
  readonly detail: RunDetail | undefined;
}

/** Knowledge of the page; a new object with every message that changes it. */
export interface Known {
  readonly runs: ReadonlyMap<string, RunRow>;
  readonly comparisons: ReadonlyMap<string, ComparisonRow>;
  readonly data: ReadonlyMap<string, RunData>;
  readonly live: LiveComparison | undefined;
  /** Logs that are still being read for the first time. */
  readonly reading: number;
  /** Whether a first listing has come. */
  readonly isListed: boolean;
  readonly isConnected: boolean;
}

export const nothing: Known = {
  runs: new Map(),
  comparisons: new Map(),
  data: new Map(),
  live: undefined,
  reading: 0,
  isListed: false,
  isConnected: true,
};

export function learned(known: Known, message: StreamMessage): Known {
  switch (message.kind) {
    case 'listing': {
      const { runs, comparisons, gone } = message.patch;
      return {
        ...known,
        runs: updated(known.runs, runs, gone),
        comparisons: updated(known.comparisons, comparisons, gone),
        isListed: true,
      };
    }
    case 'runs': {
      const data = new Map(known.data);
      for (const patch of message.patches) data.set(patch.run, learnedRun(data.get(patch.run), patch));
      return { ...known, data, reading: message.reading };
    }
    case 'comparison':
      return { ...known, live: message.live };
  }
}

export function learnedRun(data: RunData | undefined, { reset, series, detail }: RunPatch): RunData {
  const known = new Map(reset ? [] : data?.series);
  for (const [name, patch] of Object.entries(series)) known.set(name, patched(known.get(name), patch));
  return { series: known, detail: detail ?? data?.detail };
}

function updated<Row extends { readonly id: string }>(
  known: ReadonlyMap<string, Row>,
  rows: readonly Row[],
  gone: readonly string[],
): Map<string, Row> {
  const next = new Map(known);
  for (const id of gone) next.delete(id);
  for (const row of rows) next.set(row.id, row);
  return next;
}
