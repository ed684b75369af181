import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  type FolderLock,
  InputError,
  lockFolder,
  readJson,
  removeLeftovers,
  writeFileAtomic,
  writeJsonAtomic,
} from '@dynact/files';
import { readRunFolder } from '@dynact/runs';
import type { Comparison, MetricsRecord, TokenDigests } from '@dynact/runs/records';
import { renderComparisonChart, renderReport, type SampledRun } from '@dynact/runs/report';
import { type Config, parseRecordedConfig, type RawConfig } from '@dynact/training';
import { z } from 'zod';
import type { FinishedRun } from './assemble.ts';
import { differingMachines } from './machines.ts';
import type { ComparisonPlan, PlannedRun, RunPlace } from './plan.ts';

const configFile = 'config.json';

const section = z.record(z.string(), z.unknown());
const recordedSchema = z.object({
  baseline: z.string(),
  evaluationSteps: z.array(z.number()),
  seeds: z.array(z.number()),
  variants: z
    .record(z.string(), z.object({ dataset: section, backend: section, model: section, training: section }))
    .refine((variants) => Object.keys(variants).length > 0, 'there are no variants'),
});

/** Where a planned run stands. */
export type RunState = 'missing' | 'partial' | 'ended';

/** What a folder must know of a plan. */
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
   * Makes the folder of a plan, or opens the one that is there when it is of an equal plan, or of one with fewer seeds
   * or variants.
   * @throws InputError when the folder holds another comparison, something else, or is in use
   */
  static open(directory: string, plan: ComparisonPlan, tokens: TokenDigests): ComparisonFolder {
    return ComparisonFolder.openDescribed(directory, plan, describePlan(plan, tokens), currentDescription);
  }

  /**
   * As `open`, for runs of any kind.
   * @param description everything that decides the results, as JSON; its `seeds` and `variants` may grow
   * @param current brings a description that an earlier version wrote to the form of today
   */
  static openDescribed<Run extends RunPlace>(
    directory: string,
    plan: FolderPlan<Run>,
    description: { readonly variants: Record<string, unknown> },
    current: (kept: unknown, path: string) => unknown = (kept) => kept,
  ): ComparisonFolder<Run> {
    const path = join(directory, configFile);
    let isNew = true;
    if (existsSync(path)) {
      const kept = readJson(path, z.json(), 'delete that folder, or choose another --out');
      const known = current(kept, path);
      const difference = firstDifference(withoutKnownSeeds(known, plan.seeds), {
        ...description,
        seeds: undefined,
        variants: variantsKnown(known, description.variants),
      });
      if (difference !== undefined) {
        throw new InputError(
          'comparison',
          `${directory} holds a comparison with another ${difference}; choose another --out, or delete it`,
        );
      }
      isNew = firstDifference(kept, description) !== undefined;
    } else if (existsSync(directory) && !isEmpty(directory)) {
      throw new InputError('comparison', `${directory} is there and is no comparison; choose another --out`);
    }
    const folder = new ComparisonFolder(directory, plan, lockFolder(directory));
    removeLeftovers(directory);
    if (isNew) writeJsonAtomic(path, description);
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

  state(run: RunPlace): RunState {
    const directory = this.runDirectory(run);
    if (!existsSync(join(directory, 'config.json'))) return 'missing';
    return readRunFolder(directory).readSummary() === undefined ? 'partial' : 'ended';
  }

  finishedRuns(): FinishedRun<Run>[] {
    return this.#plan.runs.map((planned) => ({ planned, reader: readRunFolder(this.runDirectory(planned)) }));
  }

  /** Writes comparison.json, a chart named after the metric, and report.html. */
  async writeResults(comparison: Comparison): Promise<void> {
    this.#lock.assertHeld();
    const throughput = new Map(this.#plan.variants.map((name) => [name, this.#meanTokensPerSecond(name)]));
    writeJsonAtomic(join(this.directory, 'comparison.json'), comparison);
    const chart = join(this.directory, `${comparison.metric.name}.svg`);
    writeFileAtomic(chart, await renderComparisonChart(comparison));
    const notes = differingMachines(this.finishedRuns());
    const extras = { throughput, activations: this.#recordsOf('activation'), samples: this.samples(), notes };
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

/** A lock alone, which a kill may leave, counts as nothing. */
function isEmpty(directory: string): boolean {
  return statSync(directory).isDirectory() && readdirSync(directory).every((name) => name.startsWith('.'));
}

/** Everything that decides the results of a comparison: neither how many jobs nor how many threads. */
function describePlan(
  { baseline, evaluationSteps, seeds, runs }: ComparisonPlan,
  tokens: TokenDigests,
): { variants: Record<string, unknown> } {
  const variants = Object.fromEntries(runs.map(({ variant, config }) => [variant, decisiveConfig(config)]));
  return JSON.parse(JSON.stringify({ baseline, evaluationSteps, seeds, tokens, variants })) as {
    variants: Record<string, unknown>;
  };
}

/** The configuration of the comparison in a folder, so that it is continued without being named again. */
export function recordedConfiguration(directory: string): RawConfig | undefined {
  const path = join(directory, configFile);
  if (!existsSync(path)) return undefined;
  const recorded = recordedSchema.safeParse(currentDescription(readJson(path, z.json(), 'choose another --out'), path));
  if (!recorded.success) return undefined;
  const { variants, ...comparison } = recorded.data;
  const [first] = Object.values(variants);
  const { dataset, backend, training } = first!;
  const kept = Object.entries(variants).map(([name, { model, training }]) => [name, { model, training }]);
  return { dataset, backend, training, comparison: { ...comparison, variants: Object.fromEntries(kept) } };
}

function decisiveConfig({ seed: _seed, comparison: _comparison, backend, ...decisive }: Config): object {
  return { ...decisive, backend: { name: backend.name, device: backend.device } };
}

const keptDescription = z.looseObject({
  checkpoints: z.array(z.number()).optional(),
  variants: z.record(z.string(), z.json()),
});

/** The description of a folder as one of today: that of version 0.1, or of one whose configuration had fewer keys. */
function currentDescription(description: unknown, path: string): unknown {
  const kept = keptDescription.safeParse(description);
  if (!kept.success) return description;
  const { checkpoints, variants, ...rest } = kept.data;
  const current = Object.entries(variants).map(([name, config]) => [
    name,
    decisiveConfig(parseRecordedConfig(config, `${path}: variants.${name}`)),
  ]);
  const evaluationSteps = checkpoints === undefined ? {} : { evaluationSteps: checkpoints };
  return JSON.parse(JSON.stringify({ ...rest, ...evaluationSteps, variants: Object.fromEntries(current) }));
}

/** A folder's description, without its seeds where a plan has them all: more seeds are more runs of the same comparison. */
function withoutKnownSeeds(description: unknown, seeds: readonly number[]): unknown {
  const { data } = z.looseObject({ seeds: z.array(z.number()) }).safeParse(description);
  return data?.seeds.every((seed) => seeds.includes(seed)) ? { ...data, seeds: undefined } : description;
}

/** The planned variants that a folder has: more variants are more runs of the same comparison. */
function variantsKnown(description: unknown, planned: Record<string, unknown>): Record<string, unknown> {
  const { data } = z.looseObject({ variants: z.record(z.string(), z.unknown()) }).safeParse(description);
  return Object.fromEntries(Object.entries(planned).filter(([name]) => data !== undefined && name in data.variants));
}

/** The path of the first value that differs, or undefined. */
function firstDifference(a: unknown, b: unknown, path = ''): string | undefined {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b ? undefined : path;
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const difference = firstDifference(left[key], right[key], path === '' ? key : `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
