import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  type FolderLock,
  InputError,
  lockFolder,
  removeLeftovers,
  writeFileAtomic,
  writeJsonAtomic,
} from '@dynact/files';
import { readRunFolder } from '@dynact/runs';
import type { Comparison, MetricsRecord, TokenDigests } from '@dynact/runs/records';
import { renderComparisonChart, renderReport, type SampledRun } from '@dynact/runs/report';
import type { FinishedRun } from './assemble.ts';
import { circumstances } from './circumstances.ts';
import { checkGrowth, describePlan, readDescription, writeDescription } from './description.ts';
import type { ComparisonPlan, PlannedRun } from './plan.ts';

/** Where a planned run stands, and the step from which it would go on. */
export interface RunProgress {
  readonly state: 'missing' | 'partial' | 'ended';
  readonly step: number;
}

/** The folder of one comparison: its configuration, a run folder for every variant and seed, and the results. */
export class ComparisonFolder {
  readonly directory: string;
  readonly #plan: ComparisonPlan;
  readonly #lock: FolderLock;

  private constructor(directory: string, plan: ComparisonPlan, lock: FolderLock) {
    this.directory = directory;
    this.#plan = plan;
    this.#lock = lock;
  }

  /**
   * Makes the folder of a plan, or opens the one that is there when it is of an equal plan, or of one with fewer seeds,
   * variants or steps.
   * @throws InputError when the folder holds another comparison, something else, or is in use
   */
  static open(directory: string, plan: ComparisonPlan, tokens: TokenDigests): ComparisonFolder {
    checkFolder(directory, plan, tokens);
    const folder = new ComparisonFolder(directory, plan, lockFolder(directory));
    removeLeftovers(directory);
    writeDescription(directory, describePlan(plan, tokens));
    return folder;
  }

  /**
   * Waits until no process writes a run of this comparison. We hold the comparison's lock, so such a process is a worker
   * that outlived its parent: it stops as soon as it notices, which takes as long as an evaluation.
   * @throws InputError when one goes on for longer than `patienceMs`
   */
  async workersGone(onWait: (message: string) => void, patienceMs = 300_000): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (const run of this.#plan.runs) {
      const directory = this.runDirectory(run);
      for (let told = false; existsSync(directory); ) {
        try {
          lockFolder(directory).release();
          break;
        } catch (error) {
          if (!(error instanceof InputError && error.kind === 'busy') || performance.now() > deadline) throw error;
          if (!told) onWait(`${directory} is still being saved by a worker of the stopped comparison; waiting for it`);
          told = true;
          await setTimeout(100);
        }
      }
    }
  }

  runDirectory(run: PlannedRun): string {
    return join(this.directory, run.folder);
  }

  state(run: PlannedRun): RunProgress['state'] {
    return this.progress(run).state;
  }

  progress(run: PlannedRun): RunProgress {
    return runProgress(this.runDirectory(run), run);
  }

  finishedRuns(): FinishedRun[] {
    return this.#plan.runs.map((planned) => ({ planned, reader: readRunFolder(this.runDirectory(planned)) }));
  }

  /** Writes comparison.json, a chart named after the metric, and report.html. @param command that made it, for the report */
  async writeResults(comparison: Comparison, command?: string): Promise<void> {
    this.#lock.assertHeld();
    const throughput = new Map(this.#plan.variants.map((name) => [name, this.#meanTokensPerSecond(name)]));
    writeJsonAtomic(join(this.directory, 'comparison.json'), comparison);
    const chart = join(this.directory, `${comparison.metric.name}.svg`);
    writeFileAtomic(chart, await renderComparisonChart(comparison));
    const extras = {
      throughput,
      activations: this.#recordsOf('activation'),
      samples: this.samples(),
      facts: circumstances(this.#plan, this.finishedRuns(), { command, date: new Date() }),
      configuration: readDescription(this.directory),
    };
    writeFileAtomic(join(this.directory, 'report.html'), await renderReport(comparison, extras));
  }

  /** The texts that every run wrote while it learned. */
  samples(): SampledRun[] {
    return this.#recordsOf('sample');
  }

  close(): void {
    this.#lock.release();
  }

  #recordsOf<Kind extends MetricsRecord['kind']>(kind: Kind) {
    return this.finishedRuns().map(({ planned: { variant, seed }, reader }) => ({
      variant,
      seed,
      records: reader
        .records()
        .filter((record): record is Extract<MetricsRecord, { kind: Kind }> => record.kind === kind),
    }));
  }

  #meanTokensPerSecond(variant: string): number {
    const speeds = this.finishedRuns()
      .filter(({ planned }) => planned.variant === variant)
      .map(({ reader }) => reader.readSummary()?.tokensPerSecond ?? 0);
    return speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
  }
}

/** @throws InputError when a folder holds another comparison than the plan's, or something else */
function checkFolder(directory: string, plan: ComparisonPlan, tokens: TokenDigests): void {
  const known = readDescription(directory);
  if (known !== undefined) {
    checkGrowth(directory, known, describePlan(plan, tokens));
  } else if (existsSync(directory) && !isEmpty(directory)) {
    throw new InputError('comparison', `${directory} is there and is no comparison; choose another --out`);
  }
}

/**
 * Where the runs of a plan stand in a folder, which is left as it is, in the order of the plan.
 * @throws InputError as `ComparisonFolder.open`
 */
export function inspectRuns(directory: string, plan: ComparisonPlan, tokens: TokenDigests): RunProgress[] {
  checkFolder(directory, plan, tokens);
  return plan.runs.map((run) => runProgress(join(directory, run.folder), run));
}

function runProgress(directory: string, { config }: PlannedRun): RunProgress {
  if (!existsSync(join(directory, 'config.json'))) return { state: 'missing', step: 0 };
  const run = readRunFolder(directory);
  const summary = run.readSummary();
  const step = run.checkpoints().at(-1)?.step ?? 0;
  // The comparison may have been given more steps since; a run that diverged has no more to go.
  const isOver = summary?.status === 'diverged' || (summary?.step ?? 0) >= config.training.steps;
  return { state: isOver ? 'ended' : 'partial', step };
}

/** A lock alone, which a kill may leave, counts as nothing. */
function isEmpty(directory: string): boolean {
  return statSync(directory).isDirectory() && readdirSync(directory).every((name) => name.startsWith('.'));
}
