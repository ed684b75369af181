import { InputError } from '@dynact/files';
import type { RunReader } from '@dynact/runs';
import {
  type Comparison,
  type ComparisonRun,
  type ComparisonVariant,
  differingSplit,
  type EvaluationPoint,
  type Metric,
  pairedResults,
  perplexity,
  type Summary,
  type TokenDigests,
} from '@dynact/runs/records';
import type { ComparisonPlan, PlannedRun, RunPlace } from './plan.ts';

/** A run of a plan with what it wrote. */
export interface FinishedRun<Run extends RunPlace = PlannedRun> {
  readonly planned: Run;
  readonly reader: RunReader;
}

/**
 * The comparison of finished runs. It depends on their losses alone, so equal runs give equal comparisons however often
 * and in whatever order they were trained.
 * @param corpus the tokens that the plan is about, and the perplexity of their validation split under the train split's frequencies
 * @throws InputError when a run has not ended, or was trained on other tokens
 */
export function assembleComparison(
  plan: ComparisonPlan,
  finished: readonly FinishedRun[],
  corpus: { readonly tokens: TokenDigests; readonly unigramPerplexity: number },
): Comparison {
  for (const run of finished) checkTokens(run, corpus.tokens);
  const { steps } = plan.config.training;
  const { unigramPerplexity } = corpus;
  const { name: dataset } = plan.config.dataset;
  const described = { ...plan, dataset, metric: perplexity, steps, unigramPerplexity };
  const comparison = assembleRuns(described, finished);
  checkWindows(finished);
  return comparison;
}

/** Facts of a comparison beside its runs. */
export interface ComparedPlan {
  readonly dataset: string;
  readonly metric: Metric;
  readonly steps: number;
  readonly evaluationSteps: readonly number[];
  readonly baseline: string;
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  readonly unigramPerplexity?: number;
}

/**
 * The comparison of finished runs by any metric.
 * @throws InputError when a run has not ended
 */
export function assembleRuns(plan: ComparedPlan, finished: readonly FinishedRun<RunPlace>[]): Comparison {
  const { dataset, metric, steps, unigramPerplexity } = plan;
  const variants = plan.variants.map((name): ComparisonVariant => {
    const runs = plan.seeds.map((seed) => findRun(finished, name, seed));
    const { parameters, flopsPerToken } = summaryOf(runs[0]!);
    return { name, parameters, flopsPerToken, runs: runs.map((run) => comparedRun(run, plan.evaluationSteps)) };
  });
  return {
    dataset,
    metric,
    steps,
    evaluationSteps: [...plan.evaluationSteps],
    seeds: [...plan.seeds],
    ...(unigramPerplexity === undefined ? {} : { unigramPerplexity }),
    variants,
    paired: pairedResults(metric, variants, plan.baseline, plan.evaluationSteps),
  };
}

function findRun(finished: readonly FinishedRun<RunPlace>[], variant: string, seed: number): FinishedRun<RunPlace> {
  const run = finished.find(({ planned }) => planned.variant === variant && planned.seed === seed);
  if (run === undefined)
    throw new InputError('comparison', `${variant} seed ${seed} has not been trained; train it first`);
  return run;
}

/** Runs of version 0.1's first days hold no digests. */
function checkTokens({ planned, reader }: FinishedRun, tokens: TokenDigests): void {
  const split = differingSplit(reader.config.tokens ?? tokens, tokens);
  if (split === undefined) return;
  throw new InputError(
    'comparison',
    `${planned.folder} was trained on another ${split} split than this comparison is about; compare in another folder, or train that run anew by deleting its folder`,
  );
}

/** Runs of version 0.1's first days took their last evaluation over the whole split: beside others it is of another text. */
function checkWindows(finished: readonly FinishedRun[]): void {
  const ended = finished.filter((run) => summaryOf(run).status === 'finished');
  const isOld = ({ reader }: FinishedRun) => !reader.records().some(({ kind }) => kind === 'whole-split');
  const old = ended.filter(isOld);
  if (old.length === 0 || old.length === ended.length) return;
  throw new InputError(
    'comparison',
    `${old.map(({ planned }) => planned.folder).join(', ')}: an earlier version took the last evaluation over more text than the other runs have; compare in another folder`,
  );
}

function comparedRun(run: FinishedRun<RunPlace>, steps: readonly number[]): ComparisonRun {
  const compared = new Set([0, ...steps]);
  const evaluations: EvaluationPoint[] = [];
  for (const record of run.reader.records()) {
    if (record.kind !== 'evaluation' || record.split !== 'validation' || !compared.has(record.step)) continue;
    const { step, loss, metrics } = record;
    evaluations.push({ step, loss, metrics });
  }
  return { seed: run.planned.seed, status: summaryOf(run).status, evaluations };
}

function summaryOf({ planned, reader }: FinishedRun<RunPlace>): Summary {
  const summary = reader.readSummary();
  if (summary === undefined) throw new InputError('comparison', `${planned.folder} has not ended; train it first`);
  return summary;
}
