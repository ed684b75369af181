import { callsTo, problemOf, type Remote } from '../worker/calls.ts';
import type { Writer } from '../worker/writer.ts';
import { Lane, type Start } from './lane.ts';
import { configOf, type Settings } from './settings.ts';

type Status = 'preparing' | 'ready' | 'running' | 'paused' | 'done' | 'failed';

/** One model that trains, or two side by side with the same seed: step for step, so that both have seen the same text. */
export class Race {
  lanes: readonly Lane[] = [];
  status: Status = 'preparing';
  /** One sentence for the user; empty when all is well. */
  problem = '';
  /** Milliseconds from the press of a button to the first step after it. */
  firstStep: number | undefined;
  readonly writer: Remote<Writer> = callsTo<Writer>(new Worker('writer.js', { type: 'module' }));
  /** As many as there have ever been: a worker that has compiled its programs begins at once. */
  readonly #everyLane: Lane[] = [];
  readonly #onChange: () => void;
  #settings: Settings | undefined;
  #work: Promise<void> = Promise.resolve();
  #isWriting = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Makes new models of the settings. @param warms takes a step ahead, so that the first one is not the slowest */
  async prepare(settings: Settings, warms = false): Promise<void> {
    const kinds = [settings.gate, ...(settings.rival === 'none' ? [] : [settings.rival])];
    await this.#begin(
      settings,
      () => kinds.map((kind) => ({ config: configOf(settings, kind), text: settings.text })),
      warms,
    );
  }

  /** Takes a saved run in place of what the form says. */
  async open(settings: Settings, start: Start): Promise<void> {
    await this.#begin(settings, () => [start], false);
    if (this.status === 'ready') this.#set('paused');
  }

  async train(settings: Settings): Promise<void> {
    const pressed = performance.now();
    this.firstStep = undefined;
    await this.#ready(settings);
    if (this.status !== 'ready' && this.status !== 'paused') return;
    this.#set('running');
    await this.#guard(async () => {
      while (this.status === 'running' && this.#left.length > 0) {
        await this.#advance();
        this.firstStep ??= performance.now() - pressed;
        this.#onChange();
      }
      if (this.status === 'running') this.#set('done');
    });
  }

  pause(): void {
    if (this.status === 'running') this.#set('paused');
  }

  /** One step alone. */
  async step(settings: Settings): Promise<void> {
    await this.#ready(settings);
    if (this.status !== 'ready' && this.status !== 'paused') return;
    await this.#guard(async () => {
      await this.#advance();
      this.#set(this.#left.length === 0 ? 'done' : 'paused');
    });
  }

  /** Lets each model write, unless they are at it. */
  async write(settings: Settings): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      for (const lane of this.lanes) await lane.write(this.writer, settings, this.#onChange);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isWriting = false;
    }
  }

  /** Tells the user of a problem that leaves the models as they are. */
  show(problem: string): void {
    this.problem = problem;
    this.#onChange();
  }

  /** Waits for the models of the settings; a run that is over gives way to a new one. */
  async #ready(settings: Settings): Promise<void> {
    if (!this.#fits(settings) || this.status === 'done') await this.prepare(settings);
    else await this.#work;
  }

  /** Whether the models are those of the settings. Prompt and temperature may change at any time. */
  #fits(settings: Settings): boolean {
    const known = this.#settings;
    if (known === undefined || this.status === 'failed') return false;
    const { prompt: _, temperature: __, ...training } = settings;
    return Object.entries(training).every(([key, value]) => known[key as keyof Settings] === value);
  }

  get #left(): readonly Lane[] {
    return this.lanes.filter(({ isDone }) => !isDone);
  }

  async #begin(settings: Settings, starts: () => readonly Start[], warms: boolean): Promise<void> {
    this.#settings = settings;
    this.problem = '';
    this.#set('preparing');
    await this.#guard(async () => {
      const lanes = starts().map((start, index) => {
        this.#everyLane[index] ??= new Lane();
        return { start, lane: this.#everyLane[index] };
      });
      this.lanes = lanes.map(({ lane }) => lane);
      const begin = () => Promise.all(lanes.map(({ lane, start }) => lane.begin(start)));
      await begin();
      if (warms) {
        await this.#advance();
        await begin();
      }
      this.#set('ready');
    });
  }

  async #advance(): Promise<void> {
    const lanes = this.#left;
    const isEvaluated = await Promise.all(lanes.map((lane) => lane.advance()));
    for (const lane of lanes) if (lane.isDone) await lane.finish(this.writer);
    if (this.status === 'running' && isEvaluated.some(Boolean) && this.#settings !== undefined) {
      void this.write(this.#settings);
    }
  }

  /** Does one thing after the other, and shows what goes wrong. */
  #guard(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error: unknown) => this.#fail(error));
    return this.#work;
  }

  #fail(error: unknown): void {
    this.problem = problemOf(error);
    this.#set('failed');
  }

  #set(status: Status): void {
    this.status = status;
    this.#onChange();
  }
}
