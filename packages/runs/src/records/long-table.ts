import type { MetricsRecord, TrainRecord } from './schemas.ts';

/** One number of a log: what tables in the long form and other tools' logs are made of. */
export interface LongRow {
  readonly step: number;
  readonly tokens: number;
  readonly elapsedMs: number;
  /** The split that it was measured on; `whole validation` for all of it, empty for what is no measure of text. */
  readonly split: string;
  /** `loss`, `gradientNorm`, `perplexity`, `activation/alpha/layer 0`. */
  readonly metric: string;
  readonly value: number;
}

/** The numbers of a log, a row each. Records that do not say where they stand are where the last one was that did. */
export function longRows(records: Iterable<MetricsRecord>): LongRow[] {
  const rows: LongRow[] = [];
  let place = { tokens: 0, elapsedMs: 0 };
  for (const record of records) {
    if ('tokens' in record) place = { tokens: record.tokens, elapsedMs: record.elapsedMs };
    for (const [split, metric, value] of numbersOf(record)) {
      rows.push({ step: record.step, ...place, split, metric, value });
    }
  }
  return rows;
}

function numbersOf(record: MetricsRecord): [split: string, metric: string, value: number][] {
  switch (record.kind) {
    case 'train':
      return trainFigures(record).map(([name, value]) => [name === 'loss' ? 'train' : '', name, value]);
    case 'evaluation':
    case 'whole-split': {
      const split = record.kind === 'evaluation' ? record.split : `whole ${record.split}`;
      const figures = Object.entries({ loss: record.loss, ...record.metrics });
      return figures.map(([metric, value]) => [split, metric, value]);
    }
    case 'activation': {
      const metric = `activation/${record.name}/layer ${record.layer}`;
      if (typeof record.value === 'number') return [['', metric, record.value]];
      return record.value.map((value, channel) => ['', `${metric}/channel ${channel}`, value]);
    }
    default:
      return [];
  }
}

/** The numbers that a step was logged with, by their names, without those that say where it stands. */
export function trainFigures(record: TrainRecord): [name: string, value: number][] {
  const { kind: _, step: __, tokens: ___, elapsedMs: ____, ...figures } = record;
  return Object.entries(figures);
}
