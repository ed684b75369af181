import { rmdirSync } from 'node:fs';
import { claimRunFolder } from '@dynact/api';
import type { Ranks } from '@dynact/collectives';
import {
  calledAs,
  createProgress,
  Interrupted,
  interruptSignal,
  shellWord,
  warn,
  wholeNumber,
} from '@dynact/command-line';
import { trainHere } from '@dynact/comparison';
import type { PreparedDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { holdsRun } from '@dynact/runs';
import { metricWords, type Summary } from '@dynact/runs/records';
import { type Config, describeLearningRate, evaluationSteps, type TrainEvent } from '@dynact/training';
import { resolveModelConfig } from '@dynact/transformer';
import { type Command, Option } from 'commander';
import { withConfiguration } from '../configuration.ts';
import { gitCommit, programVersions } from '../identity.ts';
import { runsDirectory } from '../places.ts';
import { describeCorpus, prepareConfigured, warnOfLittleText } from '../prepare-configured.ts';
import { inTurn, together } from '../together.ts';
import { checkTrainingMemory } from '../training-memory.ts';
import { showEvents } from '../training-progress.ts';
import { type TargetOptions, type TrainingTarget, trainingTarget } from '../training-target.ts';
import { warnOfUnseenPrompt } from '../unseen-prompt.ts';
import { watchCommand } from '../watch-command.ts';

export function trainCommand(command: Command): void {
  withConfiguration(command)
    .option('--seed <number>', 'of every random stream', wholeNumber)
    .option(
      '--feed-forward <kind>',
      'the block between attentions: swiglu, mlp, ...; mish as a gate, mlp.mish without one',
    )
    .option('--out <folder>', 'the run folder, new or empty; by default runs/train-<number>')
    .option('--continue', 'with --out: start, go on with what is there, or return at once where it has ended')
    .option(
      '--resume <folder>',
      'go on with a run from its latest checkpoint; with --steps, for longer than it was to be',
    )
    .addOption(
      new Option('--schedule <course>', 'the learning rate of added steps: as it ended, or its schedule anew').choices([
        'keep',
        'restart',
      ]),
    )
    .option('--from <folder>', 'begin a new run with the weights of another run, or of one of its checkpoints')
    .option('--ignore-memory', `train even where the estimate of \`${calledAs()} plan\` is more than this machine has`)
    .option('--json', 'print the summary as one JSON document')
    .action((text: string | undefined, options: TargetOptions) => together((ranks) => train(text, options, ranks)));
}

async function train(text: string | undefined, options: TargetOptions, ranks: Ranks | undefined): Promise<void> {
  const { config, directory: target, resume } = trainingTarget(text, options);
  // Before anything is prepared or made: what is wrong across fields is the user's to know now.
  resolveModelConfig(config.model, config.dataset.vocabSize);
  evaluationSteps(config.training);
  warn(await checkTrainingMemory(config, options));
  const dataset = await inTurn(ranks, () => prepareConfigured(config.dataset));
  try {
    // A model that goes on from another run has learned from that one's text, too.
    const isNew = config.training.from === null;
    if (isNew && (ranks === undefined || ranks.rank === 0)) await warnOfUnseenPrompt(config, dataset);
    if (ranks !== undefined && target === undefined) {
      throw new InputError('usage', '--out: several processes train into one folder; name it');
    }
    const { directory, ...summary } = await trainInto(target, { config, dataset, resume, ranks });
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
  readonly resume: TrainingTarget['resume'];
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
    const resumes = training.resume === true || (training.resume === 'if-there' && holdsRun(directory));
    let isOver = true;
    const onEvent = (event: TrainEvent) => {
      if (event.kind === 'start') {
        isOver = false;
        warnOfLittleText(training.config, training.dataset);
        const fromStart = resumes ? ', from the start: it has no checkpoint yet' : '';
        const begun = event.step > 0 ? `, going on after step ${event.step}` : fromStart;
        warn(`${describeCorpus(training.dataset)}\n${event.steps} steps into ${directory}${begun}`);
        warn(['learning rate', ...describeLearningRate(training.config.training)].join('\n  '));
        warn(`to watch it: ${watchCommand(directory)}`);
      }
      show(event);
    };
    const result = await trainHere({ ...training, directory, program, onEvent, signal });
    if (isOver && result.status !== 'interrupted')
      warn(`${directory} holds all of its steps; there is nothing to train`);
    if (result.status !== 'interrupted') return { ...result.summary, directory };
    const again = `${calledAs()} train --resume ${shellWord(directory)}`;
    throw new Interrupted(`stopped after step ${result.step}; go on with: ${again}`);
  } finally {
    progress.stop();
    release();
    if (target === undefined) removeIfEmpty(directory);
  }
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
