import { systemErrorCode } from '@dynact/files';
import type { Listing, RunDetail, RunPatch, StreamMessage } from '../protocol.ts';
import { Catalogue, listingPatch } from './catalogue.ts';
import type { Reply, Wish, ZoomWish } from './messages.ts';
import type { RunFiles } from './run-files.ts';
import { RunLog, type Told } from './run-log.ts';
import { zoom } from './zoom.ts';

/** Logs that are kept although nobody looks at them any more. */
const mostIdle = 20;
/** Milliseconds for which a look at the folders holds. */
const freshMs = 500;

interface Stream {
  readonly wish: Wish;
  readonly told: Map<string, Told>;
  listing: Listing | undefined;
  /** Last text of each kind, so that nothing is told twice. */
  readonly texts: Map<string, string>;
}

/** Reads what the pages look at, and nothing while there is none. */
export class Observer {
  readonly #catalogue: Catalogue;
  readonly #send: (reply: Reply) => void;
  readonly #streams = new Map<number, Stream>();
  readonly #logs = new Map<string, RunLog>();
  /** Logs whose end was reached at least once. */
  readonly #caughtUp = new Set<string>();
  #listing: Listing = { runs: [], comparisons: [] };
  #refreshed = Number.NEGATIVE_INFINITY;

  constructor(roots: readonly string[], send: (reply: Reply) => void) {
    [this.#catalogue, this.#send] = [new Catalogue(roots), send];
  }

  get isWatched(): boolean {
    return this.#streams.size > 0;
  }

  /** Looks at the folders, for a page that is about to be opened. */
  prepare(): void {
    if (!this.isWatched && performance.now() - this.#refreshed > freshMs) this.refresh();
  }

  open(id: number, wish: Wish): void {
    this.prepare();
    const stream = { wish, told: new Map(), listing: undefined, texts: new Map() };
    this.#streams.set(id, stream);
    for (const run of wish.runs) this.#logOf(run);
    this.tell();
  }

  close(id: number): void {
    this.#streams.delete(id);
    const wanted = this.#wanted();
    const idle = [...this.#logs.keys()].filter((run) => !wanted.has(run));
    for (const run of idle.slice(0, -mostIdle)) this.#forget(run);
  }

  /** Looks for new runs, and at the state of those that are known. */
  refresh(): void {
    this.#catalogue.refresh();
    this.#listing = this.#catalogue.listing();
    this.#refreshed = performance.now();
    for (const run of this.#logs.keys()) if (this.#catalogue.run(run) === undefined) this.#forget(run);
  }

  /**
   * Reads what has come to the logs that somebody looks at, one after the other, so that the first is shown before the last
   * is read. @returns whether there is more to read than the time allows
   */
  read(milliseconds = 100): boolean {
    const begun = performance.now();
    for (const run of this.#wanted()) {
      const files = this.#catalogue.run(run);
      if (files === undefined || !this.isFollowed(files)) continue;
      const log = this.#logOf(run);
      while (readQuietly(log)) if (performance.now() - begun > milliseconds) return true;
      this.#caughtUp.add(run);
    }
    return false;
  }

  /** Whether a log is looked at: that of a run that has ended only until its end was read. */
  isFollowed({ folder: { id }, summary, size }: RunFiles): boolean {
    const log = this.#logs.get(id);
    return summary === undefined || !this.#caughtUp.has(id) || log?.reader.size !== size;
  }

  /** Tells every page its news. */
  tell(): void {
    for (const [id, stream] of this.#streams) {
      const patch = listingPatch(stream.listing, this.#listing);
      stream.listing = this.#listing;
      if (patch !== undefined) this.#sendTo(id, { kind: 'listing', patch });
      this.#tellRuns(id, stream);
      this.#tellComparison(id, stream);
    }
  }

  zoom(question: number, wish: ZoomWish): void {
    const patches = wish.runs.flatMap((run): RunPatch[] => {
      const log = this.#logs.get(run);
      return log === undefined ? [] : zoom(run, log, wish, this.#catalogue.run(run)?.flopsPerToken ?? null);
    });
    this.#send({ kind: 'answer', question, text: JSON.stringify(patches) });
  }

  #tellRuns(id: number, stream: Stream): void {
    const { wish, told } = stream;
    if (wish.runs.length === 0) return;
    const reading = wish.runs.filter((run) => this.#logs.has(run) && !this.#caughtUp.has(run)).length;
    const patches = wish.runs.flatMap((run, index): RunPatch[] => {
      const log = this.#logs.get(run);
      if (log === undefined || !this.#caughtUp.has(run)) return [];
      const known = told.get(run) ?? toldBefore(log, wish.seen[index]);
      told.set(run, known);
      const patch = log.patch(run, wish.points, known);
      if (!wish.detail) return patch === undefined ? [] : [patch];
      const detail = this.#detail(run, log);
      const text = JSON.stringify(detail);
      if (patch === undefined && stream.texts.get(run) === text) return [];
      stream.texts.set(run, text);
      return [{ ...(patch ?? { run, reset: false, series: {} }), detail }];
    });
    const wasReading = stream.texts.get('reading') ?? '';
    if (patches.length === 0 && wasReading === `${reading}`) return;
    stream.texts.set('reading', `${reading}`);
    const position = wish.runs.map((run) => placeOf(this.#caughtUp.has(run) ? this.#logs.get(run) : undefined));
    this.#sendTo(id, { kind: 'runs', patches, reading }, position.join(','));
  }

  #tellComparison(id: number, { wish, texts }: Stream): void {
    const files = wish.comparison === null ? undefined : this.#catalogue.comparison(wish.comparison);
    // A verdict on logs that are half read would be one on another comparison.
    if (files === undefined || files.members.some((member) => !this.#caughtUp.has(member.files.folder.id))) return;
    const live = files.live((member) => this.#logs.get(member.files.folder.id));
    if (live === undefined) return;
    const text = JSON.stringify(live.comparison.variants) + live.isOver;
    if (texts.get('comparison') === text) return;
    texts.set('comparison', text);
    this.#sendTo(id, { kind: 'comparison', live });
  }

  #detail(run: string, log: RunLog): RunDetail {
    const config = this.#catalogue.run(run)?.config;
    const { name, device, threads } = config?.backend ?? { name: '–', device: '–', threads: 0 };
    const machine: [string, string][] =
      config === undefined
        ? []
        : [
            ['backend', name],
            ['device', device],
            ['threads', `${threads}`],
            ...(config.ranks === undefined ? [] : ([['processes', `${config.ranks}`]] satisfies [string, string][])),
            ['git commit', config.gitCommit ?? '–'],
            ...Object.entries(config.versions),
          ];
    const problem = log.problem === null ? [] : [{ step: log.at.step, text: log.problem }];
    return {
      samples: log.samples,
      events: [...log.events, ...problem],
      config: config === undefined ? null : JSON.stringify(config.config, null, 2),
      machine,
    };
  }

  #sendTo(stream: number, message: StreamMessage, position: string | null = null): void {
    this.#send({ kind: 'event', stream, text: JSON.stringify(message), position });
  }

  #wanted(): Set<string> {
    return new Set([...this.#streams.values()].flatMap(({ wish }) => wish.runs));
  }

  #logOf(run: string): RunLog | undefined {
    const files = this.#catalogue.run(run);
    if (files === undefined) return undefined;
    const log = this.#logs.get(run) ?? new RunLog(files.logPath);
    this.#logs.set(run, log);
    return log;
  }

  #forget(run: string): void {
    this.#logs.delete(run);
    this.#caughtUp.delete(run);
  }
}

/** A file that goes away while it is opened is looked for again at the next look. */
function readQuietly(log: RunLog | undefined): boolean {
  try {
    return log?.reader.read() ?? false;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  }
}

function toldBefore(log: RunLog, seen: string | undefined): Told {
  const [, offset, inode] = /^(\d{1,15})@(\d{1,20})$/.exec(seen ?? '') ?? [];
  const known = offset === undefined ? undefined : log.toldAt(Number(offset), BigInt(inode!));
  return known ?? { generation: -1, version: -1, step: 0 };
}

function placeOf(log: RunLog | undefined): string {
  return log === undefined ? '0@0' : `${log.reader.offset}@${log.reader.inode}`;
}
