import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, readJson } from '@dynact/files';
import { type Checkpoint, type CheckpointEntry, listCheckpoints, readCheckpointFolder } from './checkpoints.ts';
import { readMetrics } from './metrics-log.ts';
import { checkpointName, checkpointStep, checkpointsFolder, metricsFile, summaryFile } from './names.ts';
import { type MetricsRecord, type RunConfig, type Summary, summarySchema } from './records/schemas.ts';
import { readRunConfig } from './run-config.ts';

/** A run folder to read from. It takes no lock, so a run can be looked at while it trains. */
export class RunReader {
  readonly directory: string;
  readonly config: RunConfig;

  constructor(directory: string, config: RunConfig) {
    this.directory = directory;
    this.config = config;
  }

  /** The records of metrics.jsonl in their order. */
  records(): MetricsRecord[] {
    return readMetrics(join(this.directory, metricsFile));
  }

  /** The complete checkpoints, by step. */
  checkpoints(): CheckpointEntry[] {
    return listCheckpoints(this.checkpointDirectory);
  }

  /**
   * The newest checkpoint, or undefined before the first.
   * @throws InputError where the run has ended and its last one is gone, or incomplete
   */
  latestCheckpoint(): CheckpointEntry | undefined {
    // In this order: a run may end meanwhile, which writes its last checkpoint before the summary.
    const summary = this.readSummary();
    const latest = this.checkpoints().at(-1);
    if (summary?.status !== 'finished' || latest?.step === summary.step) return latest;
    const ended = `${this.directory} ended at step ${summary.step}, and ${checkpointsFolder}/${checkpointName(summary.step)}`;
    const rest =
      latest === undefined
        ? 'train anew'
        : `use ${latest.directory} by its path, or delete ${summaryFile} to train on after step ${latest.step}`;
    throw new InputError('run-folder', `${ended} is gone or incomplete; bring it back, or ${rest}`);
  }

  /**
   * Reads the checkpoint of a step, or the latest.
   * @param options `optimizer: false` leaves the optimizer state unread.
   * @throws InputError when there is none, or when one of its files is damaged.
   */
  readCheckpoint(which: 'latest' | number = 'latest', options: { optimizer?: boolean } = {}): Checkpoint {
    // One that is pruned while it is read has a later one after it.
    for (;;) {
      const entry = this.#findCheckpoint(which);
      try {
        return readCheckpointFolder(entry, options.optimizer ?? true);
      } catch (error) {
        if (existsSync(entry.directory)) throw error;
      }
    }
  }

  #findCheckpoint(which: 'latest' | number): CheckpointEntry {
    const entries = this.checkpoints();
    const entry = which === 'latest' ? this.latestCheckpoint() : entries.find(({ step }) => step === which);
    if (entry === undefined) {
      const present = entries.map(({ step }) => step).join(', ');
      const isDiverged = this.readSummary()?.status === 'diverged';
      const advice = isDiverged
        ? 'has no checkpoint: it diverged before the first one; train anew with a lower learning rate'
        : 'has no checkpoint yet; train until the first one is written';
      throw new InputError(
        'run-folder',
        which === 'latest'
          ? `${this.directory} ${advice}`
          : `${this.directory} has no checkpoint of step ${which}; it has ${present === '' ? 'none' : present}`,
      );
    }
    return entry;
  }

  /** summary.json, or undefined before the run's end. */
  readSummary(): Summary | undefined {
    const path = join(this.directory, summaryFile);
    return existsSync(path) ? readJson(path, summarySchema, 'delete it and resume the run') : undefined;
  }

  protected get checkpointDirectory(): string {
    return join(this.directory, checkpointsFolder);
  }
}

/** Opens a run folder to read from it; changes nothing. */
export function readRunFolder(directory: string): RunReader {
  return new RunReader(directory, readRunConfig(directory));
}

/**
 * Finds the run and the step that a path means: a run folder (its latest checkpoint) or one of its checkpoint folders.
 * @throws InputError when the path is neither.
 */
export function locateCheckpoint(path: string): { run: RunReader; which: 'latest' | number } {
  const absolute = resolve(path);
  const step = checkpointStep(basename(absolute));
  if (step === undefined || basename(dirname(absolute)) !== checkpointsFolder)
    return { run: readRunFolder(path), which: 'latest' };
  return { run: readRunFolder(dirname(dirname(absolute))), which: step };
}
