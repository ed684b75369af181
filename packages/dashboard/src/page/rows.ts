import type { RunRow } from '../protocol.ts';
import { seriesName } from './format.ts';
import type { PageState } from './hash.ts';

/** Metrics of a row at most. */
const mostMetrics = 2;

/** Series whose last values are columns: the losses, what the runs measure (bits per byte says the same again), the speed. */
export function columnsOf(rows: readonly RunRow[]): string[] {
  const names = new Set(rows.flatMap(({ values }) => Object.keys(values)));
  const metrics = [...names].filter((name) => /^validation\/(?!loss$|bitsPerByte$)/.test(name)).sort();
  const measured = metrics.length === 0 ? ['validation/loss'] : metrics.slice(0, mostMetrics);
  return ['train/loss', ...measured, 'train/tokensPerSecond'].filter((name) => names.has(name));
}

/** The head of a column, shorter than the title of a chart. */
export function columnName(series: string): string {
  return series === 'train/tokensPerSecond' ? 'tokens/s' : seriesName(series).replace(/^validation (?!loss)/, '');
}

/** Whether a run has every word in its name, its state or a setting. */
export function matches(row: RunRow, filter: string): boolean {
  const text = [row.name, row.state, ...row.differs.flat()].join(' ').toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Orders rows by a column; a minus in front puts the largest first, and rows without a value are last either way. */
export function compareBy(sort: string, columns: readonly string[]): (a: RunRow, b: RunRow) => number {
  const key = sort.replace(/^-/, '');
  const sign = sort.startsWith('-') ? -1 : 1;
  const cellOf = (row: RunRow): string | number | undefined => {
    if (columns.includes(key)) return row.values[key];
    if (key === 'progress') return row.steps === null ? row.step : row.step / row.steps;
    if (key === 'left') return row.msLeft ?? undefined;
    if (key === 'state' || key === 'name') return row[key];
    return row.updated;
  };
  return (a, b) => {
    const [left, right] = [cellOf(a), cellOf(b)];
    if (left === right) return a.name < b.name ? -1 : 1;
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
    return left < right ? -sign : sign;
  };
}

/** Rows under headings, in the order in which their first ones come. */
export function groupsOf(rows: readonly RunRow[], group: PageState['group']): { name: string; rows: RunRow[] }[] {
  const groups = new Map<string, RunRow[]>();
  for (const row of rows) {
    const name = group === 'folder' ? row.group || 'top folder' : group === 'state' ? row.state : 'Runs';
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups].map(([name, members]) => ({ name, rows: members }));
}
