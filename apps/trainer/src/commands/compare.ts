import { join } from 'node:path';
import { claimRunFolder } from '@dynact/api';
import { names, userPath, warn, wholeNumber, wholeNumbers } from '@dynact/command-line';
import {
  assembleComparison,
  ComparisonFolder,
  type ComparisonPlan,
  describeComparison,
  describeSamples,
  differingMachines,
  planComparison,
  recordedConfiguration,
  recordedPlugins,
  tokenDigests,
} from '@dynact/comparison';
import type { PreparedDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import { type Config, parseConfig, planModel, type RawConfig } from '@dynact/training';
import { describeFeedForwardKinds, feedForwardKind } from '@dynact/transformer';
import { type Command, Option } from 'commander';
import { chooseExecutor, submitRuns, trainRuns } from '../comparison-runs.ts';
import {
  type ConfigurationOptions,
  type LoadedConfiguration,
  loadConfiguration,
  override,
  withConfiguration,
} from '../configuration.ts';
import { runsDirectory } from '../places.ts';
import { pluginFiles } from '../plugins.ts';
import { describeCorpus, prepareConfigured } from '../prepare-configured.ts';
import { checkTrainingMemory } from '../training-memory.ts';
import { watchCommand, watching } from './dashboard.ts';

interface CompareOptions extends ConfigurationOptions {
  readonly variants?: string[];
  readonly seeds?: number[];
  readonly evaluateAt?: number[];
  readonly jobs?: number;
  readonly executor?: 'processes' | 'slurm';
  readonly out?: string;
  readonly ignoreMemory?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function compareCommand(program: Command): Command {
  return withComparison(program.command('compare').description('train variants on the same batches and compare them'))
    .addOption(new Option('--executor <kind>', 'where the runs are trained').choices(['processes', 'slurm']))
    .option('--watch', 'open the live page of the comparison in the browser')
    .option('--json', 'print comparison.json')
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
    .option('--ignore-memory', 'train even where the estimate of `dynact plan` is more than this machine has');
}

async function compare(text: string | undefined, options: CompareOptions): Promise<void> {
  const { plan, dataset, corpus, folder } = await openComparison(text, options);
  try {
    const executor = await chooseExecutor(plan, folder, options.executor);
    announce(plan, folder, dataset);
    const train = () => trainRuns(plan, folder, dataset, executor);
    await (options.watch ? watching(folder.directory, train) : train());
    const comparison = assembleComparison(plan, folder.finishedRuns(), corpus);
    await folder.writeResults(comparison);
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
export async function submitComparison(text: string | undefined, options: CompareOptions): Promise<void> {
  const { plan, dataset, folder } = await openComparison(text, { ...options, executor: 'slurm' });
  try {
    const executor = await chooseExecutor(plan, folder, 'slurm');
    if (executor.kind !== 'slurm') throw new Error('a comparison is submitted to a cluster');
    const count = await submitRuns(plan, folder, dataset, executor);
    const { directory } = folder;
    console.log(`${count} of ${plan.runs.length} runs with Slurm: ${directory}`);
    warn(`dynact status ${directory} says where they stand; dynact compare --out ${directory} collects them`);
  } finally {
    folder.close();
    dataset.close();
  }
}

async function openComparison(text: string | undefined, options: CompareOptions) {
  const directory = options.out === undefined ? undefined : userPath(options.out);
  loadPlugins(pluginFiles(options), directory === undefined ? [] : recordedPlugins(directory));
  const recorded = continues(text, options) ? recordedConfiguration(directory!) : undefined;
  const loaded = withOptions(loadConfiguration(options, text, recorded), options);
  const plan = planComparison(loaded.raw, loaded.source);
  if (plan.config.comparison.executor.kind === 'processes') warn(checkPlanMemory(plan, options));
  const dataset = await prepareConfigured(plan.config.dataset);
  // Known before the first step: the source may come to hold another text while the runs train.
  const corpus = { tokens: tokenDigests(dataset), unigramPerplexity: dataset.unigramPerplexity('validation') };
  return { plan, dataset, corpus, folder: ComparisonFolder.open(outputFolder(options), plan, corpus.tokens) };
}

/** Whether the folder alone says what to compare; settings would be hidden by those that its variants recorded. */
function continues(text: string | undefined, options: CompareOptions): boolean {
  const kept = ['out', 'seeds', 'variants', 'jobs', 'executor', 'json', 'ignoreMemory', 'plugin', 'watch'];
  return text === undefined && options.out !== undefined && Object.keys(options).every((name) => kept.includes(name));
}

/** The largest variant decides: it may be that only such ones run at a time. */
function checkPlanMemory(
  { runs, config }: ComparisonPlan,
  { ignoreMemory = false }: CompareOptions,
): string | undefined {
  const needed = (config: Config) => planModel(config).memory.total;
  const [largest] = runs.map((run) => run.config).toSorted((a, b) => needed(b) - needed(a));
  return checkTrainingMemory(largest!, { jobs: Math.min(config.comparison.jobs, runs.length), ignoreMemory });
}

function announce({ runs, config }: ComparisonPlan, folder: ComparisonFolder, dataset: PreparedDataset): void {
  const { directory } = folder;
  const unended = runs.filter((run) => folder.state(run) !== 'ended').length;
  if (unended === 0) {
    process.stderr.write(
      `${directory} holds all ${runs.length} runs; delete that folder, or give another --out, to start afresh\n\n`,
    );
    return;
  }
  const count = unended === runs.length ? `${unended} runs` : `${unended} of ${runs.length} runs`;
  const rest = unended === runs.length ? '' : '; the others are there';
  const watch = `to watch it: ${watchCommand(directory)}`;
  warn(`${count} of ${config.training.steps} steps into ${directory}${rest}\n${describeCorpus(dataset)}\n${watch}`);
}

function outputFolder({ out, preset }: CompareOptions): string {
  if (out !== undefined) return userPath(out);
  return preset === undefined ? claimRunFolder(runsDirectory(), 'comparison') : join(runsDirectory(), preset);
}

/** The options with names of their own, laid over the configuration. */
function withOptions(loaded: LoadedConfiguration, options: CompareOptions): LoadedConfiguration {
  const { variants, seeds, evaluateAt, jobs, executor } = options;
  const comparison: RawConfig = {
    ...(variants === undefined ? {} : { variants: namedVariants(loaded, variants), baseline: variants[0] }),
    ...(seeds === undefined ? {} : { seeds }),
    ...(evaluateAt === undefined ? {} : { evaluationSteps: evaluateAt }),
    ...(jobs === undefined ? {} : { jobs }),
    ...(executor === undefined ? {} : { executor: { kind: executor } }),
  };
  // The short form lists all variants, so those of the configuration are not merged with it; nor are the options of
  // another executor.
  const { variants: known, executor: place, ...shared } = (loaded.raw.comparison ?? {}) as RawConfig;
  const isSamePlace = executor === undefined || (place as RawConfig | undefined)?.kind === executor;
  const kept = {
    ...shared,
    ...(variants === undefined && known !== undefined ? { variants: known } : {}),
    ...(isSamePlace && place !== undefined ? { executor: place } : {}),
  };
  return override({ ...loaded, raw: { ...loaded.raw, comparison: kept } }, { comparison });
}

function namedVariants({ raw, source }: LoadedConfiguration, variants: readonly string[]): RawConfig {
  const configured = parseConfig(raw, source).comparison.variants;
  const twice = variants.find((name, index) => variants.indexOf(name) !== index);
  if (twice !== undefined) throw new InputError('usage', `--variants: ${twice} stands twice`);
  return Object.fromEntries(
    variants.map((name) => {
      const known = Object.hasOwn(configured, name) ? configured[name] : undefined;
      if (known === undefined && feedForwardKind(name) === undefined) {
        const choices = [...Object.keys(configured), describeFeedForwardKinds()];
        throw new InputError('usage', `--variants: unknown variant "${name}"; use ${choices.join(', ')}`);
      }
      return [name, known ?? { model: { feedForward: { kind: name } } }];
    }),
  );
}
