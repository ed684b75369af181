import type { PreparedDataset } from '@dynact/data';
import type { Comparison, TokenDigests } from '@dynact/runs/records';
import { tokenDigests } from '@dynact/training';
import { assembleComparison } from './assemble.ts';
import { circumstances } from './circumstances.ts';
import type { Executor, ProgramIdentity } from './executors/executor.ts';
import type { ComparisonFolder } from './folder.ts';
import type { ComparisonPlan } from './plan.ts';
import { missingJobs, trainAll } from './train-missing.ts';

/** Facts of a corpus that a comparison is about. */
interface ComparedCorpus {
  readonly tokens: TokenDigests;
  /** Perplexity of the validation split under the token frequencies of the train split. */
  readonly unigramPerplexity: number;
}

/** The facts as they are before the first step: the source may come to hold another text while the runs train. */
export function comparedCorpus(dataset: PreparedDataset): ComparedCorpus {
  return { tokens: tokenDigests(dataset), unigramPerplexity: dataset.unigramPerplexity('validation') };
}

/**
 * Trains on this machine what a folder lacks of a plan, and writes the results.
 * @throws InputError as `trainAll` and `assembleComparison`; Interrupted where the signal is aborted
 */
export async function trainComparison(
  plan: ComparisonPlan,
  folder: ComparisonFolder,
  options: {
    readonly dataset: PreparedDataset;
    readonly corpus: ComparedCorpus;
    readonly executor: Executor;
    /** Threads of each run. */
    readonly threads: number;
    readonly program: ProgramIdentity;
    /** Command that makes it, for the report. */
    readonly command: string;
    readonly signal: AbortSignal;
  },
): Promise<Comparison> {
  const { corpus, executor, command, signal } = options;
  await trainAll(executor, missingJobs(plan, folder, options), signal);
  return concludeComparison(plan, folder, corpus, command);
}

/**
 * The result of a comparison, all of whose runs are there, which is written into its folder.
 * @param command that made it, for the report
 * @throws InputError as `assembleComparison`
 */
export async function concludeComparison(
  plan: ComparisonPlan,
  folder: ComparisonFolder,
  corpus: ComparedCorpus,
  command: string,
): Promise<Comparison> {
  const finished = folder.finishedRuns();
  const comparison = assembleComparison(plan, finished, corpus);
  await folder.writeResults(comparison, circumstances(plan, finished, command));
  return comparison;
}
