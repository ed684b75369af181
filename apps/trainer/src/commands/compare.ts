import { join } from 'node:path';
import { claimRunFolder } from '@dynact/api';
import { calledAs, commandLine, names, shellWord, warn, wholeNumber, wholeNumbers } from '@dynact/command-line';
import {
  ComparisonFolder,
  type ComparisonPlan,
  comparedCorpus,
  concludeComparison,
  describeComparison,
  describeSamples,
  differingMachines,
  recordedConfiguration,
  SlurmQueue,
} from '@dynact/comparison';
import type { PreparedDataset } from '@dynact/data';
import { type Config, planModel } from '@dynact/training';
import { type Command, Option } from 'commander';
import { chooseExecutor, submitRuns, trainRuns } from '../comparison-runs.ts';
import { withConfiguration } from '../configuration.ts';
import { dryRun } from '../dry-run.ts';
import { runsDirectory } from '../places.ts';
import { type ComparisonOptions, namedFolder, plannedComparison } from '../planned-comparison.ts';
import { describeCorpus, prepareConfigured, warnOfLittleText } from '../prepare-configured.ts';
import { checkTrainingMemory } from '../training-memory.ts';
import { warnOfUnseenPrompt } from '../unseen-prompt.ts';
import { watchCommand } from '../watch-command.ts';

export function compareCommand(command: Command): void {
  withComparison(command)
    .addOption(new Option('--executor <kind>', 'where the runs are trained').choices(['processes', 'slurm']))
    .option('--dry-run', 'say what would be trained, and how long that takes on this machine, and train nothing')
    .option('--watch', 'open the live page of the comparison in the browser')
    .option('--json', 'print comparison.json; with --dry-run, what it says')
    .action(compare);
}

/** Adds the options of every command that makes a comparison. */
export function withComparison(command: Command): Command {
  return withConfiguration(command)
    .option(
      '--variants <names>',
      'the variants, baseline first: of the configuration, or blocks: swiglu, mish as a gate, mlp.mish without one',
      names,
    )
    .option('--seeds <numbers>', 'one run of every variant for each', wholeNumbers)
    .option('--evaluate-at <steps>', 'the steps at which the variants are compared', wholeNumbers)
    .option('--jobs <count>', 'runs at a time; each gets its share of the cores', wholeNumber)
    .option('--out <folder>', 'the comparison folder; called again with it, only what is missing is trained')
    .option('--ignore-memory', `train even where the estimate of \`${calledAs()} plan\` is more than this machine has`);
}

async function compare(text: string | undefined, options: ComparisonOptions): Promise<void> {
  const plan = plannedComparison(text, options);
  if (plan.config.comparison.executor.kind === 'processes') warn(await checkPlanMemory(plan, options));
  const dataset = await prepareConfigured(plan.config.dataset);
  if (options.dryRun) {
    await dryRun(plan, namedFolder(options), dataset, options);
    return dataset.close();
  }
  const { folder, corpus } = await openFolder(plan, options, dataset);
  try {
    const executor = await chooseExecutor(plan, folder, options.executor);
    announce(plan, folder, dataset);
    warnOfLittleText(plan.config, dataset);
    await warnOfUnseenPrompt(plan.config, dataset);
    const train = () => trainRuns(plan, folder, dataset, executor);
    await (options.watch ? (await import('./dashboard.ts')).watching(folder.directory, train) : train());
    const comparison = await concludeComparison(plan, folder, corpus, commandLine(calledAs()));
    for (const note of differingMachines(folder.finishedRuns())) warn(note);
    if (options.json) console.log(JSON.stringify(comparison));
    else console.log([describeComparison(comparison), describeSamples(folder.samples())].filter(Boolean).join('\n'));
    process.stderr.write(`\nto look at: ${join(folder.directory, 'report.html')}\n`);
  } finally {
    folder.close();
    dataset.close();
  }
}

/** Hands the runs that are missing to a cluster; `compare` on the same folder collects them. */
export async function submitComparison(text: string | undefined, options: ComparisonOptions): Promise<void> {
  const plan = plannedComparison(text, { ...options, executor: 'slurm' });
  const dataset = await prepareConfigured(plan.config.dataset);
  const { folder } = await openFolder(plan, options, dataset);
  try {
    const executor = await chooseExecutor(plan, folder, 'slurm');
    if (executor.kind !== 'slurm') throw new Error('a comparison is submitted to a cluster');
    const count = await submitRuns(plan, folder, dataset, executor);
    const { directory } = folder;
    console.log(`${count} of ${plan.runs.length} runs with Slurm: ${directory}`);
    const [status, collect] = ['status', 'compare --out'].map(
      (words) => `${calledAs()} ${words} ${shellWord(directory)}`,
    );
    warn(`${status} says where they stand; ${collect} collects them`);
  } finally {
    folder.close();
    dataset.close();
  }
}

async function openFolder(plan: ComparisonPlan, options: ComparisonOptions, dataset: PreparedDataset) {
  const corpus = comparedCorpus(dataset);
  const named = namedFolder(options);
  const isNew = named === undefined || recordedConfiguration(named) === undefined;
  if (isNew && plan.config.comparison.executor.kind === 'slurm') await SlurmQueue.check();
  const directory = named ?? claimRunFolder(runsDirectory(), 'comparison');
  return { corpus, folder: ComparisonFolder.open(directory, plan, corpus.tokens) };
}

/** The largest variant decides: it may be that only such ones run at a time. */
function checkPlanMemory(
  { runs, config }: ComparisonPlan,
  { ignoreMemory = false }: ComparisonOptions,
): Promise<string | undefined> {
  const needed = (config: Config) => planModel(config).memory.total;
  const [largest] = runs.map((run) => run.config).toSorted((a, b) => needed(b) - needed(a));
  return checkTrainingMemory(largest!, { jobs: Math.min(config.comparison.jobs, runs.length), ignoreMemory });
}

function announce({ runs, config }: ComparisonPlan, folder: ComparisonFolder, dataset: PreparedDataset): void {
  const { directory } = folder;
  const unended = runs.filter((run) => folder.state(run) !== 'ended').length;
  if (unended === 0) {
    process.stderr.write(`${directory} holds all ${runs.length} runs; give another --out to start afresh\n\n`);
    return;
  }
  const count = unended === runs.length ? `${unended} runs` : `${unended} of ${runs.length} runs`;
  const rest = unended === runs.length ? '' : '; the others are there';
  const watch = `to watch it: ${watchCommand(directory)}`;
  warn(`${count} of ${config.training.steps} steps into ${directory}${rest}\n${describeCorpus(dataset)}\n${watch}`);
}
