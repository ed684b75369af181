import { existsSync } from 'node:fs';
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
import { holdsRun, readRunFolder } from '@dynact/runs';
import type { Comparison, MetricsRecord, TokenDigests } from '@dynact/runs/records';
import { renderComparisonChart, renderReport, type SampledRun } from '@dynact/runs/report';
import type { FinishedRun } from './assemble.ts';
import {
  checkGrowth,
  checkSame,
  describePlan,
  type GrowingDescription,
  readDescription,
  readKept,
  refuseUsed,
  writeDescription,
} from './description.ts';
import { differingMachines } from './machines.ts';
import type { ComparisonPlan, PlannedRun, RunPlace } from './plan.ts';

/** Where a planned run stands, and the step from which it would go on. */
export interface RunProgress {
  readonly state: 'missing' | 'partial' | 'ended';
  readonly step: number;
}

/** Part of a plan that a folder must know. */
interface FolderPlan<Run extends RunPlace> {
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  readonly runs: readonly Run[];
}

/** The folder of one comparison: its configuration, a run folder for every variant and seed, and the results. */
export class ComparisonFolder<Run extends RunPlace = PlannedRun> {
  readonly directory: string;
  readonly #plan: FolderPlan<Run>;
  readonly #lock: FolderLock;

  private constructor(directory: string, plan: FolderPlan<Run>, lock: FolderLock) {
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
    return ComparisonFolder.#open(directory, plan, describePlan(plan, tokens), () =>
      checkPlan(directory, plan, tokens),
    );
  }

  /**
   * As `open`, for runs of any kind.
   * @param description everything that decides the results, as JSON; its `seeds` and `variants` may grow
   */
  static openDescribed<Run extends RunPlace>(
    directory: string,
    plan: FolderPlan<Run>,
    description: GrowingDescription,
  ): ComparisonFolder<Run> {
    return ComparisonFolder.#open(directory, plan, description, () =>
      checkSame(directory, readKept(directory), description),
    );
  }

  static #open<Run extends RunPlace>(
    directory: string,
    plan: FolderPlan<Run>,
    description: GrowingDescription,
    check: () => void,
  ): ComparisonFolder<Run> {
    check();
    const folder = new ComparisonFolder(directory, plan, lockFolder(directory));
    removeLeftovers(directory);
    writeDescription(directory, description);
    return folder;
  }

  /**
   * Waits until no process writes a run of this comparison. We hold the comparison's lock, so such a process is a worker
   * that outlived its parent: it stops as soon as it notices, which takes as long as an evaluation.
   * @param held whether a run is on a cluster: nobody waits for it here
   * @throws InputError when one goes on for longer than `patienceMs`
   */
  async workersGone(
    onWait: (message: string) => void,
    { held, patienceMs = 300_000 }: { held?: (run: Run) => boolean; patienceMs?: number } = {},
  ): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (const run of this.#plan.runs) {
      if (held?.(run)) continue;
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

  runDirectory(run: RunPlace): string {
    return join(this.directory, run.folder);
  }

  state(run: RunPlace): RunProgress['state'] {
    return this.progress(run).state;
  }

  progress(run: RunPlace): RunProgress {
    return runProgress(this.runDirectory(run), run);
  }

  finishedRuns(): FinishedRun<Run>[] {
    return this.#plan.runs.map((planned) => ({ planned, reader: readRunFolder(this.runDirectory(planned)) }));
  }

  /**
   * Writes comparison.json, a chart named after the metric, and report.html.
   * @param facts how it was made, in words
   */
  async writeResults(comparison: Comparison, facts: readonly (readonly [string, string])[]): Promise<void> {
    this.#lock.assertHeld();
    const throughput = new Map(this.#plan.variants.map((name) => [name, this.#meanTokensPerSecond(name)]));
    writeJsonAtomic(join(this.directory, 'comparison.json'), comparison);
    const chart = join(this.directory, `${comparison.metric.name}.svg`);
    writeFileAtomic(chart, await renderComparisonChart(comparison));
    const extras = {
      throughput,
      activations: this.#recordsOf('activation'),
      samples: this.samples(),
      notes: differingMachines(this.finishedRuns()),
      facts,
      configuration: readKept(this.directory),
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
function checkPlan(directory: string, plan: ComparisonPlan, tokens: TokenDigests): void {
  const known = readDescription(directory);
  if (known === undefined) refuseUsed(directory);
  else checkGrowth(directory, known, describePlan(plan, tokens));
}

/**
 * Where the runs of a plan stand in a folder, which is left as it is, in the order of the plan.
 * @throws InputError as `ComparisonFolder.open`
 */
export function inspectRuns(directory: string, plan: ComparisonPlan, tokens: TokenDigests): RunProgress[] {
  checkPlan(directory, plan, tokens);
  return plan.runs.map((run) => runProgress(join(directory, run.folder), run));
}

function runProgress(directory: string, run: RunPlace | PlannedRun): RunProgress {
  if (!holdsRun(directory)) return { state: 'missing', step: 0 };
  const reader = readRunFolder(directory);
  const summary = reader.readSummary();
  const step = reader.checkpoints().at(-1)?.step ?? 0;
  if (summary === undefined) return { state: 'partial', step };
  // The comparison may have been given more steps since; a run that diverged has no more to go.
  const isShort = 'config' in run && summary.status === 'finished' && summary.step < run.config.training.steps;
  return { state: isShort ? 'partial' : 'ended', step };
}
