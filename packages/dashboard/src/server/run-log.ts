import { type EvaluationPoint, isObject, type MetricsRecord, metricsRecordSchema } from '@dynact/runs/records';
import type { RunEvent, RunPatch, RunSample } from '../protocol.ts';
import { LogReader } from './log-reader.ts';
import { type Position, Series } from './series.ts';

/** Most that one log may take of the server's memory. */
const most = { series: 512, evaluations: 20_000, samples: 300, events: 500, textLength: 4000 };
/** Fields of a training record that say where it stands, not what was measured. */
const places = new Set(['kind', 'step', 'tokens', 'elapsedMs']);

/** One place of a log and where it begins in the file. */
interface Mark extends Position {
  readonly offset: number;
}

/** How far a stream has been told of a log. */
export interface Told {
  generation: number;
  version: number;
  step: number;
}

/** The curves, samples and events of one metrics.jsonl, read as it grows. */
export class RunLog {
  readonly reader: LogReader;
  readonly series = new Map<string, Series>();
  /** Those of training records by their field: a name is not put together for every number. */
  readonly #trained = new Map<string, Series>();
  samples: RunSample[] = [];
  events: RunEvent[] = [];
  /** Grows whenever the log began anew. */
  generation = 0;
  /** Grows with every change. */
  version = 0;
  #marks: Mark[] = [];
  #evaluations: EvaluationPoint[] = [];
  #at: Position = { step: 0, tokens: 0, ms: 0 };
  #lines = 0;
  #unreadable = 0;
  #firstUnreadable = 0;

  constructor(path: string) {
    this.reader = new LogReader(path, {
      reset: () => this.#reset(),
      lines: (lines, offset) => {
        this.#marks.push({ ...this.#at, offset });
        for (const line of lines) this.#take(line);
        this.version += 1;
      },
    });
  }

  /** Where its last record stands. */
  get at(): Position {
    return this.#at;
  }

  /** One line where parts of the log cannot be read. */
  get problem(): string | null {
    if (this.#unreadable === 0) return null;
    const count = this.#unreadable === 1 ? '1 line' : `${this.#unreadable} lines`;
    return `${count} of metrics.jsonl cannot be read, line ${this.#firstUnreadable} first; the others are shown`;
  }

  /** How far a page that names this place of the file was told; undefined for another file. */
  toldAt(offset: number, inode: bigint): Told | undefined {
    if (inode !== this.reader.inode) return undefined;
    const mark = this.#marks.findLast((candidate) => candidate.offset <= offset);
    return { generation: this.generation, version: -1, step: mark?.step ?? 0 };
  }

  /**
   * The news since `told`, which is brought up to date; undefined where there are none.
   * @param points of a series at most
   */
  patch(run: string, points: number, told: Told): RunPatch | undefined {
    if (told.version === this.version && told.generation === this.generation) return undefined;
    const reset = told.generation !== this.generation;
    const from = reset ? 0 : told.step;
    const grown = [...this.series].filter(([, series]) => series.lastStep >= from);
    const series = Object.fromEntries(grown.map(([name, series]) => [name, series.patch(points, from)]));
    Object.assign(told, { generation: this.generation, version: this.version, step: this.#at.step });
    return { run, reset, series };
  }

  /** The evaluations of the validation split at some of the steps, as they were logged. */
  evaluations(steps: ReadonlySet<number>): EvaluationPoint[] {
    return this.#evaluations.filter(({ step }) => steps.has(step));
  }

  /** Bytes of the file between which an axis goes from `low` to `high`. */
  bytesBetween(axis: 'step' | 'tokens' | 'ms', low: number, high: number): [start: number, end: number] {
    const start = this.#marks.findLast((mark) => mark[axis] < low)?.offset ?? 0;
    const end = this.#marks.find((mark) => mark[axis] > high)?.offset ?? this.reader.offset;
    return [start, Math.max(start, end)];
  }

  /** Adds lines of a part of a log to a log that is not read as a whole. */
  addLines(lines: readonly string[]): void {
    for (const line of lines) if (line !== '') this.#take(line);
  }

  #reset(): void {
    this.series.clear();
    this.#trained.clear();
    [this.samples, this.events, this.#marks, this.#evaluations] = [[], [], [], []];
    this.#at = { step: 0, tokens: 0, ms: 0 };
    [this.#lines, this.#unreadable] = [0, 0];
    this.generation += 1;
    this.version += 1;
  }

  #take(line: string | null): void {
    this.#lines += 1;
    const value = parse(line);
    if (value === undefined || !(isTraining(value) ? this.#training(value) : this.#other(value))) {
      if (this.#unreadable === 0) this.#firstUnreadable = this.#lines;
      this.#unreadable += 1;
    }
  }

  /** Training records are nearly all of a log: their numbers are taken as they are, without a schema. */
  #training(record: Record<string, unknown>): boolean {
    const { step, tokens = 0, elapsedMs = 0 } = record;
    if (!isCount(step) || !isCount(tokens) || typeof elapsedMs !== 'number') return false;
    this.#move({ step, tokens, ms: elapsedMs });
    for (const key in record) {
      const value = record[key];
      if (typeof value !== 'number' || places.has(key)) continue;
      const series = this.#trained.get(key) ?? this.#seriesOf(`train/${key}`);
      if (series === undefined) continue;
      this.#trained.set(key, series);
      series.push(this.#at, value);
    }
    return true;
  }

  #other(value: Record<string, unknown>): boolean {
    const parsed = metricsRecordSchema.safeParse(value);
    if (!parsed.success) return false;
    const record = parsed.data;
    const { tokens, ms } = this.#at;
    if ('tokens' in record) this.#move({ step: record.step, tokens: record.tokens, ms: record.elapsedMs });
    else this.#move({ step: record.step, tokens, ms });
    this.#record(record);
    return true;
  }

  #record(record: MetricsRecord): void {
    switch (record.kind) {
      case 'evaluation':
        if (record.split === 'validation' && this.#evaluations.length < most.evaluations) {
          const { step, loss, metrics } = record;
          this.#evaluations.push({ step, loss, metrics });
        }
        this.#point(`${record.split}/loss`, record.loss);
        for (const [name, value] of Object.entries(record.metrics)) this.#point(`${record.split}/${name}`, value);
        return;
      case 'whole-split': {
        const figures = Object.entries({ loss: record.loss, ...record.metrics });
        const text = figures.map(([name, value]) => `${name} ${value.toPrecision(6)}`).join(', ');
        this.#event(`the whole ${record.split} split: ${text}`);
        return;
      }
      case 'stretch':
        this.#event(`goes on to ${record.steps} steps; the schedule of the learning rate: ${record.schedule}`);
        return;
      case 'diverged':
        this.#event(`diverged${record.parameter === '' ? '' : `: ${cut(record.parameter)}`}`);
        return;
      case 'sample':
        if (this.samples.length < most.samples) {
          this.samples.push({ step: record.step, prompt: cut(record.prompt), text: cut(record.text) });
        }
        return;
      case 'activation': {
        const { layer, name, value } = record;
        const mean = typeof value === 'number' ? value : value.reduce((sum, each) => sum + each, 0) / value.length;
        if (Number.isFinite(mean)) this.#point(`activation/${cut(name)}/${layer}`, mean);
        return;
      }
      default:
    }
  }

  /** Goes on to a position. One that lies before the last is of a log that goes back: what it repeats is dropped. */
  #move(position: Position): void {
    if (position.step < this.#at.step) {
      for (const series of this.series.values()) series.cutFrom(position.step);
      this.samples = this.samples.filter(({ step }) => step < position.step);
      this.events = this.events.filter(({ step }) => step < position.step);
      this.#evaluations = this.#evaluations.filter(({ step }) => step < position.step);
      this.#marks = this.#marks.filter(({ step }) => step < position.step);
      this.generation += 1;
    }
    this.#at = position;
  }

  #point(name: string, value: number): void {
    this.#seriesOf(name)?.push(this.#at, value);
  }

  /** The series of that name, a new one where there is none; undefined where there are too many. */
  #seriesOf(name: string): Series | undefined {
    const known = this.series.get(name);
    if (known !== undefined || this.series.size >= most.series) return known;
    const series = new Series();
    this.series.set(name, series);
    return series;
  }

  #event(text: string): void {
    if (this.events.length < most.events) this.events.push({ step: this.#at.step, text });
  }
}

function parse(line: string | null): Record<string, unknown> | undefined {
  if (line === null) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isTraining(value: Record<string, unknown>): boolean {
  return value.kind === 'train';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function cut(text: string): string {
  return text.length > most.textLength ? `${text.slice(0, most.textLength)} …` : text;
}
