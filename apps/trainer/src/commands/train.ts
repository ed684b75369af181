import { rmdirSync } from 'node:fs';
import { claimRunFolder } from '@dynact/api';
import type { Ranks } from '@dynact/collectives';
import { createProgress, Interrupted, interruptSignal, userPath, warn, wholeNumber } from '@dynact/command-line';
import { trainHere } from '@dynact/comparison';
import type { PreparedDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import { readRunFolder } from '@dynact/runs';
import { metricWords, type Summary } from '@dynact/runs/records';
import { type Config, evaluationSteps, parseConfig, parseRecordedConfig, type TrainEvent } from '@dynact/training';
import { resolveModelConfig } from '@dynact/transformer';
import type { Command } from 'commander';
import { type ConfigurationOptions, loadConfiguration, withConfiguration } from '../configuration.ts';
import { gitCommit, programVersions } from '../identity.ts';
import { runsDirectory } from '../places.ts';
import { pluginFiles } from '../plugins.ts';
import { describeCorpus, prepareConfigured } from '../prepare-configured.ts';
import { inTurn, together } from '../together.ts';
import { checkTrainingMemory } from '../training-memory.ts';
import { showEvents } from '../training-progress.ts';
import { watchCommand } from './dashboard.ts';

interface TrainOptions extends ConfigurationOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly ignoreMemory?: boolean;
  readonly json?: boolean;
}

export function trainCommand(program: Command): Command {
  return withConfiguration(program.command('train').description('train one model into a run folder'))
    .option('--seed <number>', 'of every random stream', wholeNumber)
    .option(
      '--feed-forward <kind>',
      'the block between attentions: swiglu, mlp, ...; mish as a gate, mlp.mish without one',
    )
    .option('--out <folder>', 'the run folder, new or empty; by default runs/train-<number>')
    .option('--resume <folder>', 'go on with an interrupted run, from its latest checkpoint')
    .option('--ignore-memory', 'train even where the estimate of `dynact plan` is more than this machine has')
    .option('--json', 'print the summary as one JSON document')
    .action((text: string | undefined, options: TrainOptions) => together((ranks) => train(text, options, ranks)));
}

async function train(text: string | undefined, options: TrainOptions, ranks: Ranks | undefined): Promise<void> {
  const resumed = options.resume === undefined ? undefined : userPath(options.resume);
  const recorded = resumed === undefined ? [] : (readRunFolder(resumed).config.plugins ?? []);
  loadPlugins(pluginFiles(options), [{ where: resumed ?? '', plugins: recorded }]);
  const config = resumed === undefined ? newConfig(text, options) : keptConfig(resumed, text, options);
  // Before anything is prepared or made: what is wrong across fields is the user's to know now.
  resolveModelConfig(config.model, config.dataset.vocabSize);
  evaluationSteps(config.training);
  warn(checkTrainingMemory(config, options));
  const dataset = await inTurn(ranks, () => prepareConfigured(config.dataset));
  try {
    const target = resumed ?? (options.out === undefined ? undefined : userPath(options.out));
    if (ranks !== undefined && target === undefined) {
      throw new InputError('usage', '--out: several processes train into one folder; name it');
    }
    const { directory, ...summary } = await trainInto(target, {
      config,
      dataset,
      resume: resumed !== undefined,
      ranks,
    });
    const unigramPerplexity = dataset.unigramPerplexity('validation');
    console.log(
      options.json
        ? JSON.stringify({ directory, ...summary, unigramPerplexity })
        : describe(directory, config, summary),
    );
    if (summary.status === 'diverged') {
      throw new InputError('configuration', `${directory} diverged; lower the learning rate`);
    }
  } finally {
    dataset.close();
  }
}

interface Training {
  readonly config: Config;
  readonly dataset: PreparedDataset;
  readonly resume: boolean;
  readonly ranks: Ranks | undefined;
}

/**
 * Trains with progress until the end or a signal.
 * @param target by default a folder of its own
 * @throws Interrupted when a signal came; all is saved then
 */
async function trainInto(target: string | undefined, training: Training): Promise<Summary & { directory: string }> {
  const directory = target ?? claimRunFolder(runsDirectory(), 'train');
  const program = { versions: programVersions(), gitCommit: gitCommit() };
  const progress = createProgress();
  const { signal, release } = interruptSignal();
  try {
    const show = showEvents(progress, 'train');
    const onEvent = (event: TrainEvent) => {
      if (event.kind === 'start') {
        const watch = `to watch it: ${watchCommand(directory)}`;
        warn(`${describeCorpus(training.dataset)}\n${event.steps} steps into ${directory}\n${watch}`);
      }
      show(event);
    };
    const result = await trainHere({ ...training, directory, program, onEvent, signal });
    if (result.status !== 'interrupted') return { ...result.summary, directory };
    throw new Interrupted(`stopped after step ${result.step}; go on with: dynact train --resume ${directory}`);
  } finally {
    progress.stop();
    release();
    if (target === undefined) removeIfEmpty(directory);
  }
}

function newConfig(text: string | undefined, options: TrainOptions): Config {
  const { raw, source } = loadConfiguration(options, text);
  return parseConfig(raw, source);
}

/** A resumed run's own configuration; options that would change it are refused. */
function keptConfig(directory: string, text: string | undefined, options: TrainOptions): Config {
  const { resume: _, ignoreMemory: __, json: ___, plugin: ____, ...surplus } = options;
  const [first] = [...(text === undefined ? [] : [text]), ...Object.keys(surplus).map((name) => `--${kebab(name)}`)];
  if (first !== undefined) {
    throw new InputError('usage', `${first}: a resumed run keeps its configuration and folder; leave this out`);
  }
  return parseRecordedConfig(readRunFolder(directory).config.config, `${directory}/config.json`);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A folder that was claimed for a run that could not begin. */
function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // It holds a run, or was never made.
  }
}

function describe(directory: string, config: Config, summary: Summary): string {
  const { status, step, final, best, wholeSplit, tokensPerSecond, parameters } = summary;
  const { batches } = config.training.evaluation;
  const metricsText = (metrics: Readonly<Record<string, number>>) =>
    Object.entries(metrics).map(([name, value]) => `${metricWords(name)} ${value.toFixed(3)}`);
  const point = (evaluation: Summary['final'], extent = '') =>
    evaluation === null
      ? 'none'
      : `${metricsText(evaluation.metrics).join(', ')}, loss ${evaluation.loss.toFixed(4)} nats (step ${evaluation.step}${extent})`;
  return [
    `${status} after ${step} steps: ${directory}`,
    `parameters  ${parameters.toLocaleString('en')}`,
    `validation  ${point(final, `, first ${batches} batches`)}`,
    `best        ${point(best, `, first ${batches} batches`)}`,
    ...(wholeSplit === null ? [] : [`whole split ${point(wholeSplit)}`]),
    `speed       ${Math.round(tokensPerSecond).toLocaleString('en')} tokens/s`,
  ].join('\n');
}
