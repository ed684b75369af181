import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { claimRunFolder } from '@dynact/api';
import {
  createProgress,
  interruptSignal,
  names,
  userPath,
  warn,
  wholeNumber,
  wholeNumbers,
} from '@dynact/command-line';
import {
  assembleComparison,
  ComparisonFolder,
  type ComparisonPlan,
  describeComparison,
  describeSamples,
  missingJobs,
  Processes,
  planComparison,
  recordedConfiguration,
  recordedPlugins,
  tokenDigests,
  trainAll,
} from '@dynact/comparison';
import type { PreparedDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import { type Config, parseConfig, planModel, type RawConfig } from '@dynact/training';
import { describeFeedForwardKinds, feedForwardKind } from '@dynact/transformer';
import type { Command } from 'commander';
import {
  type ConfigurationOptions,
  type LoadedConfiguration,
  loadConfiguration,
  override,
  withConfiguration,
} from '../configuration.ts';
import { gitCommit, programVersions } from '../identity.ts';
import { runsDirectory } from '../places.ts';
import { pluginFiles } from '../plugins.ts';
import { describeCorpus, prepareConfigured } from '../prepare-configured.ts';
import { checkTrainingMemory } from '../training-memory.ts';
import { showEvents, TotalProgress } from '../training-progress.ts';
import { watchCommand, watching } from './dashboard.ts';

interface CompareOptions extends ConfigurationOptions {
  readonly variants?: string[];
  readonly seeds?: number[];
  readonly evaluateAt?: number[];
  readonly jobs?: number;
  readonly out?: string;
  readonly ignoreMemory?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

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
    .option('--ignore-memory', 'train even where the estimate of `dynact plan` is more than this machine has')
    .option('--watch', 'open the live page of the comparison in the browser')
    .option('--json', 'print comparison.json')
    .action(compare);
}

async function compare(text: string | undefined, options: CompareOptions): Promise<void> {
  const directory = options.out === undefined ? undefined : userPath(options.out);
  loadPlugins(pluginFiles(options), directory === undefined ? [] : recordedPlugins(directory));
  const recorded = continues(text, options) ? recordedConfiguration(directory!) : undefined;
  const loaded = withOptions(loadConfiguration(options, text, recorded), options);
  const plan = planComparison(loaded.raw, loaded.source);
  warn(checkPlanMemory(plan, options));
  const dataset = await prepareConfigured(plan.config.dataset);
  // Known before the first step: the source may come to hold another text while the runs train.
  const corpus = { tokens: tokenDigests(dataset), unigramPerplexity: dataset.unigramPerplexity('validation') };
  const folder = ComparisonFolder.open(outputFolder(options), plan, corpus.tokens);
  try {
    await folder.workersGone((message) => process.stderr.write(`${message}\n`));
    const unended = plan.runs.filter((run) => folder.state(run) !== 'ended');
    announce(plan, folder, unended.length, dataset);
    if (options.watch) await watching(folder.directory, () => trainMissing(plan, folder, dataset));
    else await trainMissing(plan, folder, dataset);
    const comparison = assembleComparison(plan, folder.finishedRuns(), corpus);
    await folder.writeResults(comparison);
    if (options.json) console.log(JSON.stringify(comparison));
    else console.log([describeComparison(comparison), describeSamples(folder.samples())].filter(Boolean).join('\n'));
    process.stderr.write(`\nto look at: ${join(folder.directory, 'report.html')}\n`);
  } finally {
    folder.close();
    dataset.close();
  }
}

/** Whether the folder alone says what to compare; settings would be hidden by those that its variants recorded. */
function continues(text: string | undefined, options: CompareOptions): boolean {
  const kept = ['out', 'seeds', 'variants', 'jobs', 'json', 'ignoreMemory', 'plugin', 'watch'];
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

async function trainMissing(plan: ComparisonPlan, folder: ComparisonFolder, dataset: PreparedDataset): Promise<void> {
  const limit = Math.max(1, plan.config.comparison.jobs);
  const cores = plan.config.backend.threads ?? availableParallelism();
  const threads = Math.max(1, Math.floor(cores / limit));
  const program = { versions: programVersions(), gitCommit: gitCommit() };
  const jobs = missingJobs(plan, folder, { dataset, threads, program });
  if (jobs.length === 0) return;
  const progress = createProgress();
  const { signal, release } = interruptSignal();
  try {
    const total = jobs.length > 1 ? new TotalProgress(progress, jobs.length, plan.config.training.steps) : undefined;
    const lines = new Map(
      jobs.map(({ name }, index) => [name, showEvents(progress, `run ${index + 1} of ${jobs.length}, ${name}`, total)]),
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
  const { variants, seeds, evaluateAt, jobs } = options;
  const comparison: RawConfig = {
    ...(variants === undefined ? {} : { variants: namedVariants(loaded, variants), baseline: variants[0] }),
    ...(seeds === undefined ? {} : { seeds }),
    ...(evaluateAt === undefined ? {} : { evaluationSteps: evaluateAt }),
    ...(jobs === undefined ? {} : { jobs }),
  };
  // The short form lists all variants, so those of the configuration are not merged with it.
  const { variants: _, ...shared } = (loaded.raw.comparison ?? {}) as RawConfig;
  const cleared = variants === undefined ? loaded : { ...loaded, raw: { ...loaded.raw, comparison: shared } };
  return override(cleared, { comparison });
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
