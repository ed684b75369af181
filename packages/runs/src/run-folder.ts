import { existsSync, lstatSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type FolderLock,
  InputError,
  lockFolder,
  makeFolder,
  removeLeftovers,
  syncDirectory,
  unwritable,
  writeJsonAtomic,
} from '@dynact/files';
import { type CheckpointEntry, deleteCheckpointFolder, writeCheckpointFolder } from './checkpoints.ts';
import { filesOfRun, refuseUsed } from './fresh-folder.ts';
import { MetricsLog } from './metrics-log.ts';
import { type CheckpointContent, checkpointName, configFile, metricsFile, summaryFile } from './names.ts';
import { type MetricsRecord, type RunConfig, runConfigSchema, type Summary, summarySchema } from './records/schemas.ts';
import { readRunConfig } from './run-config.ts';
import { RunReader } from './run-reader.ts';

/**
 * A run folder to write into; it holds the folder's lock until `close`. Every write reads the lock again first: throws
 * `InputError` (busy) once a later attempt of the same cluster job has taken it over, and (file) where the disk does not
 * take it.
 */
export class RunFolder extends RunReader {
  readonly #lock: FolderLock;
  readonly #log: MetricsLog;

  constructor(directory: string, config: RunConfig, lock: FolderLock) {
    super(directory, config);
    this.#lock = lock;
    refuseLink(this.checkpointDirectory);
    removeLeftovers(directory);
    removeLeftovers(this.checkpointDirectory);
    this.#log = new MetricsLog(join(directory, metricsFile));
  }

  /** Adds a record to metrics.jsonl; records come in the order of their steps. */
  append(record: MetricsRecord): void {
    this.#write(() => this.#log.append(record));
  }

  /** Cuts metrics.jsonl back to `step` (atomically), so that each step stands once after a resume. */
  truncateAfter(step: number): void {
    this.#write(() => this.#log.truncateAfter(step));
  }

  /** Writes a checkpoint: complete or not at all, and never ahead of the log. */
  writeCheckpoint(step: number, content: CheckpointContent): CheckpointEntry {
    return this.#write(() => {
      this.#log.sync();
      if (!existsSync(this.checkpointDirectory)) {
        makeFolder(this.checkpointDirectory);
        syncDirectory(this.directory);
      }
      return writeCheckpointFolder(this.checkpointDirectory, step, content, () => this.#lock.assertHeld());
    });
  }

  /** Deletes all but the last `keep` checkpoints (at least one stays) and the one of step `best`. */
  pruneCheckpoints({ keep, best }: { keep: number; best?: number }): void {
    this.#write(() => {
      for (const entry of this.checkpoints().slice(0, -Math.max(1, keep))) {
        if (entry.step !== best) deleteCheckpointFolder(entry.directory);
      }
    });
  }

  /** Writes summary.json: the sign that the run is over. */
  writeSummary(summary: Summary): void {
    this.#write(() => {
      this.#log.sync();
      writeJsonAtomic(join(this.directory, summaryFile), summarySchema.parse(summary));
    });
  }

  /** Goes on with a run that was over, by another configuration. */
  reopen(config: RunConfig): void {
    this.#write(() => {
      // First, so that a run with a summary has the steps that its configuration says.
      rmSync(join(this.directory, summaryFile), { force: true });
      syncDirectory(this.directory);
      writeJsonAtomic(join(this.directory, configFile), runConfigSchema.parse(config));
    });
  }

  /** Closes the log and gives the lock back. */
  close(): void {
    this.#log.close();
    this.#lock.release();
  }

  #write<Result>(write: () => Result): Result {
    this.#lock.assertHeld();
    try {
      return write();
    } catch (error) {
      throw unwritable(this.directory, error);
    }
  }
}

/** Part of a run folder that training writes. */
export type WritableRun = Pick<
  RunFolder,
  | ('directory' | 'config' | 'records' | 'checkpoints' | 'latestCheckpoint' | 'readCheckpoint')
  | ('append' | 'truncateAfter' | 'writeCheckpoint' | 'pruneCheckpoints' | 'writeSummary' | 'close')
>;

/** A run that another process writes: this one trains it, too, and leaves the folder alone. */
export class FollowedRun extends RunReader implements WritableRun {
  append(): void {}
  truncateAfter(): void {}
  pruneCheckpoints(): void {}
  writeSummary(): void {}
  close(): void {}

  writeCheckpoint(step: number): CheckpointEntry {
    return { step, directory: join(this.checkpointDirectory, checkpointName(step)) };
  }
}

/**
 * Makes a new run folder with its config.json and opens it, also over a run that ended before its first step.
 * @throws InputError when the folder holds anything already, or is being written.
 */
export function createRunFolder(directory: string, config: RunConfig): RunFolder {
  const checked = runConfigSchema.parse(config);
  if (existsSync(directory)) refuseUsed(directory);
  const lock = lockFolder(directory);
  try {
    // Again: another process may have made, trained and left a run here since.
    refuseUsed(directory);
    for (const name of filesOfRun(directory)) rmSync(join(directory, name));
    writeJsonAtomic(join(directory, configFile), checked);
    syncDirectory(dirname(resolve(directory)));
    return new RunFolder(directory, checked, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A link in a stranger's folder would have checkpoints written, and old ones deleted, where it points. */
function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new InputError('run-folder', `${path} is a link; put a folder in its place`);
  }
}

/** Opens a run folder to go on with it. A torn last line and half-written checkpoints of a killed process are removed. */
export function openRunFolder(directory: string): RunFolder {
  const config = readRunConfig(directory);
  const lock = lockFolder(directory);
  try {
    return new RunFolder(directory, config, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}
