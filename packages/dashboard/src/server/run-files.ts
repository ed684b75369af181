import { join } from 'node:path';
import { isFolderHeld } from '@dynact/files';
import { configFile } from '@dynact/runs';
import { type RunConfig, runConfigSchema, type Summary, summarySchema } from '@dynact/runs/records';
import type { z } from 'zod';
import type { RunState } from '../protocol.ts';
import type { FoundFolder } from './folders.ts';
import { type FileMark, fileMark, readOwnFile } from './own-file.ts';
import { readTail, type Tail } from './tail.ts';

const logFile = 'metrics.jsonl';

/** A JSON file of a run, read again when it has changed. */
export class CheckedFile<Schema extends z.ZodType> {
  readonly #path: string;
  readonly #schema: Schema;
  #key = '';
  value: z.output<Schema> | undefined;
  /** Why there is no value: the file is missing, or not as it should be. */
  problem = 'is missing';

  constructor(path: string, schema: Schema) {
    [this.#path, this.#schema] = [path, schema];
  }

  refresh(): void {
    const mark = fileMark(this.#path);
    if (mark?.key === this.#key) return;
    this.#key = mark?.key ?? '';
    [this.value, this.problem] = [undefined, 'is missing'];
    if (mark === undefined) return;
    try {
      const parsed = this.#schema.safeParse(JSON.parse(readOwnFile(this.#path)));
      if (parsed.success) this.value = parsed.data;
      else this.problem = `is not as expected at ${parsed.error.issues[0]?.path.join('.') || 'its top'}`;
    } catch (error) {
      this.problem = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    }
  }
}

/** The files of one run folder, as far as a row of the overview needs them. */
export class RunFiles {
  readonly folder: FoundFolder;
  readonly logPath: string;
  readonly #config: CheckedFile<typeof runConfigSchema>;
  readonly #summary: CheckedFile<typeof summarySchema>;
  #mark: FileMark | undefined;
  tail: Tail | undefined;
  isHeld = false;

  constructor(folder: FoundFolder) {
    this.folder = folder;
    this.logPath = join(folder.path, logFile);
    this.#config = new CheckedFile(join(folder.path, configFile), runConfigSchema);
    this.#summary = new CheckedFile(join(folder.path, 'summary.json'), summarySchema);
  }

  refresh(): void {
    this.#config.refresh();
    this.#summary.refresh();
    this.isHeld = this.summary === undefined && isFolderHeld(this.folder.path);
    const mark = fileMark(this.logPath);
    if (mark?.key === this.#mark?.key) return;
    this.#mark = mark;
    try {
      this.tail = mark === undefined ? undefined : readTail(this.logPath, mark.size);
    } catch {
      this.tail = undefined;
    }
  }

  get config(): RunConfig | undefined {
    return this.#config.value;
  }

  get summary(): Summary | undefined {
    return this.#summary.value;
  }

  /** Bytes of the log. */
  get size(): number {
    return this.#mark?.size ?? 0;
  }

  /** When the log last changed. */
  get updated(): number {
    return this.#mark?.changed ?? 0;
  }

  /** A folder with a log, or with the configuration of a run; others hold something else. */
  get isRun(): boolean {
    return this.#mark !== undefined || this.config !== undefined;
  }

  get flopsPerToken(): number | null {
    return this.config?.flopsPerToken ?? this.summary?.flopsPerToken ?? null;
  }

  get state(): RunState {
    if (this.summary !== undefined) return this.summary.status;
    if (this.config === undefined) return 'unreadable';
    return this.isHeld ? 'running' : 'stopped';
  }

  get problem(): string | null {
    if (this.config === undefined) return `config.json ${this.#config.problem}`;
    const isUnreadable = this.summary === undefined && this.#summary.problem !== 'is missing';
    return isUnreadable ? `summary.json ${this.#summary.problem}` : null;
  }

  /** All steps of the run, where its configuration says so. */
  get steps(): number | null {
    const training = this.config?.config.training;
    if (typeof training !== 'object' || training === null || !('steps' in training)) return null;
    return typeof training.steps === 'number' ? training.steps : null;
  }
}
