import { InputError } from '@dynact/files';
import type { RunReader } from '@dynact/runs';
import {
  type Comparison,
  type ComparisonRun,
  type ComparisonVariant,
  type EvaluationPoint,
  type LossBySeed,
  type PairedResult,
  pairedComparison,
  type Summary,
} from '@dynact/runs/records';

import type { ComparisonPlan, PlannedRun } from './plan.ts';

/** A run of a plan with what it wrote. */
export interface FinishedRun {
  readonly planned: PlannedRun;
  readonly reader: RunReader;
}

/**
 * The comparison of finished runs. It depends on their losses alone, so equal runs give equal comparisons however often
 * and in whatever order they were trained.
 * @throws InputError when a run has not ended
 */
export function assembleComparison(
  plan: ComparisonPlan,
  finished: readonly FinishedRun[],
  unigramPerplexity: number,
): Comparison {
  const variants = plan.variants.map((name): ComparisonVariant => {
    const runs = plan.seeds.map((seed) => findRun(finished, name, seed));
    const { parameters, flopsPerToken } = summaryOf(runs[0] as FinishedRun);
    return { name, parameters, flopsPerToken, runs: runs.map((run) => comparedRun(run, plan.checkpoints)) };
  });
  return {
    dataset: plan.config.dataset.name,
    steps: plan.config.training.steps,
    checkpoints: [...plan.checkpoints],
    seeds: [...plan.seeds],
    unigramPerplexity,
    variants,
    paired: pairedResults(plan, variants),
  };
}

function findRun(finished: readonly FinishedRun[], variant: string, seed: number): FinishedRun {
  const run = finished.find(({ planned }) => planned.variant === variant && planned.seed === seed);
  if (run === undefined)
    throw new InputError('comparison', `${variant} seed ${seed} has not been trained; train it first`);
  return run;
}

function comparedRun(run: FinishedRun, checkpoints: readonly number[]): ComparisonRun {
  const compared = new Set([0, ...checkpoints]);
  const evaluations: EvaluationPoint[] = [];
  for (const record of run.reader.records()) {
    if (record.kind !== 'evaluation' || record.split !== 'validation' || !compared.has(record.step)) continue;
    const { step, loss, perplexity, bitsPerByte } = record;
    evaluations.push({ step, loss, perplexity, bitsPerByte });
  }
  return { seed: run.planned.seed, status: summaryOf(run).status, evaluations };
}

function pairedResults(plan: ComparisonPlan, variants: readonly ComparisonVariant[]): PairedResult[] {
  const baseline = variants.find(({ name }) => name === plan.baseline) as ComparisonVariant;
  return variants
    .filter((variant) => variant !== baseline)
    .flatMap((variant) =>
      plan.checkpoints.map((step) => ({
        baseline: baseline.name,
        variant: variant.name,
        step,
        ...pairedComparison(lossesAt(baseline, step), lossesAt(variant, step)),
      })),
    );
}

function lossesAt(variant: ComparisonVariant, step: number): LossBySeed {
  return new Map(
    variant.runs.map(({ seed, evaluations }) => [
      seed,
      evaluations.find((evaluation) => evaluation.step === step)?.loss ?? null,
    ]),
  );
}

function summaryOf({ planned, reader }: FinishedRun): Summary {
  const summary = reader.readSummary();
  if (summary === undefined) throw new InputError('comparison', `${planned.folder} has not ended; train it first`);
  return summary;
}
