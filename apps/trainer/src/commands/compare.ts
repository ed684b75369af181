import { join } from 'node:path';
import { claimRunFolder } from '@dynact/api';
import { createProgress, interruptSignal, names, warn, wholeNumber, wholeNumbers } from '@dynact/command-line';
import {
  assembleComparison,
  ComparisonFolder,
  type ComparisonPlan,
  circumstances,
  describeComparison,
  describeSamples,
  missingJobs,
  Processes,
  tokenDigests,
  trainAll,
} from '@dynact/comparison';
import type { PreparedDataset } from '@dynact/data';
import { type Config, planModel } from '@dynact/training';
import type { Command } from 'commander';
import { withConfiguration } from '../configuration.ts';
import { dryRun } from '../dry-run.ts';
import { threadsOfRun } from '../expected-time.ts';
import { commandLine, gitCommit, programVersions } from '../identity.ts';
import { runsDirectory } from '../places.ts';
import { type ComparisonOptions, namedFolder, plannedComparison } from '../planned-comparison.ts';
import { describeCorpus, prepareConfigured } from '../prepare-configured.ts';
import { checkTrainingMemory } from '../training-memory.ts';
import { StepWatch, showEvents, TotalProgress } from '../training-progress.ts';
import { watchCommand, watching } from './dashboard.ts';

export function compareCommand(program: Command): Command {
  return withConfiguration(
    program.command('compare').description('train variants on the same batches and compare them'),
  )
    .option(
      '--variants <names>',
      'the variants, baseline first: of the configuration, or blocks: swiglu, mish as a gate, mlp.mish without one',
      names,
    )
    .option('--seeds <numbers>', 'one run of every variant for each', wholeNumbers)
    .option('--evaluate-at <steps>', 'the steps at which the variants are compared', wholeNumbers)
    .option('--jobs <count>', 'runs at a time; each gets its share of the cores', wholeNumber)
    .option('--out <folder>', 'the comparison folder; called again with it, only what is missing is trained')
    .option('--dry-run', 'say what would be trained, and how long that takes on this machine, and train nothing')
    .option('--ignore-memory', 'train even where the estimate of `dynact plan` is more than this machine has')
    .option('--watch', 'open the live page of the comparison in the browser')
    .option('--json', 'print comparison.json; with --dry-run, what it says')
    .action(compare);
}

async function compare(text: string | undefined, options: ComparisonOptions): Promise<void> {
  const plan = plannedComparison(text, options);
  warn(checkPlanMemory(plan, options));
  const dataset = await prepareConfigured(plan.config.dataset);
  if (options.dryRun) {
    await dryRun(plan, namedFolder(options), dataset, options);
    return dataset.close();
  }
  // Known before the first step: the source may come to hold another text while the runs train.
  const corpus = { tokens: tokenDigests(dataset), unigramPerplexity: dataset.unigramPerplexity('validation') };
  const folder = ComparisonFolder.open(
    namedFolder(options) ?? claimRunFolder(runsDirectory(), 'comparison'),
    plan,
    corpus.tokens,
  );
  try {
    await folder.workersGone((message) => process.stderr.write(`${message}\n`));
    const unended = plan.runs.filter((run) => folder.state(run) !== 'ended');
    announce(plan, folder, unended.length, dataset);
    if (options.watch) await watching(folder.directory, () => trainMissing(plan, folder, dataset));
    else await trainMissing(plan, folder, dataset);
    const comparison = assembleComparison(plan, folder.finishedRuns(), corpus);
    await folder.writeResults(comparison, circumstances(plan, folder.finishedRuns(), commandLine()));
    if (options.json) console.log(JSON.stringify(comparison));
    else console.log([describeComparison(comparison), describeSamples(folder.samples())].filter(Boolean).join('\n'));
    process.stderr.write(`\nto look at: ${join(folder.directory, 'report.html')}\n`);
  } finally {
    folder.close();
    dataset.close();
  }
}

/** The largest variant decides: it may be that only such ones run at a time. */
function checkPlanMemory(
  { runs, config }: ComparisonPlan,
  { ignoreMemory = false }: ComparisonOptions,
): string | undefined {
  const needed = (config: Config) => planModel(config).memory.total;
  const [largest] = runs.map((run) => run.config).toSorted((a, b) => needed(b) - needed(a));
  return checkTrainingMemory(largest!, { jobs: Math.min(config.comparison.jobs, runs.length), ignoreMemory });
}

async function trainMissing(plan: ComparisonPlan, folder: ComparisonFolder, dataset: PreparedDataset): Promise<void> {
  const { jobs: limit } = plan.config.comparison;
  const threads = threadsOfRun(plan.config);
  const program = { versions: programVersions(), gitCommit: gitCommit() };
  const jobs = missingJobs(plan, folder, { dataset, threads, program });
  if (jobs.length === 0) return;
  const progress = createProgress();
  const { signal, release } = interruptSignal();
  try {
    const { steps } = plan.config.training;
    const unended = plan.runs.map((run) => folder.progress(run)).filter(({ state }) => state !== 'ended');
    const made = unended.map(({ step }) => step);
    const total = jobs.length > 1 ? new TotalProgress(progress, made, steps) : undefined;
    const watch = new StepWatch();
    const lines = new Map(
      jobs.map(({ name }, index) => {
        const title = `run ${index + 1} of ${jobs.length}, ${name}`;
        return [name, showEvents(progress, title, { watch, ...(total === undefined ? {} : { total }) })];
      }),
    );
    await trainAll(new Processes(limit, (name, event) => lines.get(name)?.(event)), jobs, signal);
  } finally {
    progress.stop();
    release();
  }
}

function announce(
  { runs, config }: ComparisonPlan,
  folder: ComparisonFolder,
  unended: number,
  dataset: PreparedDataset,
): void {
  const { directory } = folder;
  if (unended === 0) {
    process.stderr.write(`${directory} holds all ${runs.length} runs; give another --out to start afresh\n\n`);
    return;
  }
  const count = unended === runs.length ? `${unended} runs` : `${unended} of ${runs.length} runs`;
  const rest = unended === runs.length ? '' : '; the others are there';
  const watch = `to watch it: ${watchCommand(directory)}`;
  warn(`${count} of ${config.training.steps} steps into ${directory}${rest}\n${describeCorpus(dataset)}\n${watch}`);
}
