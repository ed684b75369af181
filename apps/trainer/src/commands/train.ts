import { selectBackend, softwareVersions } from '@dynact/backends';
import { createProgress, Interrupted, interruptSignal, userPath, warn } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { readRunFolder } from '@dynact/runs';
import type { Summary } from '@dynact/runs/records';
import { type Config, evaluationSteps, parseConfig, parseRecordedConfig, trainRun } from '@dynact/training';
import { resolveModelConfig } from '@dynact/transformer';
import type { Command } from 'commander';
import { type ConfigurationOptions, loadConfiguration, withConfiguration } from '../configuration.ts';
import { checkMemory } from '../memory.ts';
import { prepareConfigured } from '../prepare-configured.ts';
import { gitCommit, programVersions } from '../repository.ts';
import { freshRunFolder } from '../run-folders.ts';
import { showEvents } from '../training-progress.ts';

interface TrainOptions extends ConfigurationOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly ignoreMemory?: boolean;
  readonly json?: boolean;
}

export function trainCommand(program: Command): Command {
  return withConfiguration(program.command('train').description('train one model into a run folder'))
    .option('--out <folder>', 'the run folder, new or empty; by default runs/train-<number>')
    .option('--resume <folder>', 'go on with an interrupted run, from its latest checkpoint')
    .option('--ignore-memory', 'train even where the estimate of `trainer plan` is more than this machine has')
    .option('--json', 'print the summary as one JSON document')
    .action(train);
}

async function train(options: TrainOptions): Promise<void> {
  const { config, directory, resume } = target(options);
  // Before anything is prepared or made: what is wrong across fields is the user's to know now.
  resolveModelConfig(config.model, config.dataset.vocabSize);
  evaluationSteps(config.training);
  warn(checkMemory(config, options));
  const dataset = await prepareConfigured(config.dataset);
  const backend = await selectBackend(config.backend, 'train');
  const { name, device, threads, compile } = backend;
  const versions = { ...softwareVersions(name), ...programVersions() };
  const environment = { versions, backend: { name, device, threads }, gitCommit: gitCommit() };
  const progress = createProgress();
  const { signal, release } = interruptSignal();
  try {
    const onEvent = showEvents(progress, 'train');
    const result = await trainRun({ config, dataset, directory, resume, environment, compile, onEvent, signal });
    progress.stop();
    if (result.status === 'interrupted') {
      throw new Interrupted(`stopped after step ${result.step}; go on with: trainer train --resume ${directory}`);
    }
    const unigramPerplexity = dataset.unigramPerplexity('validation');
    const { summary } = result;
    console.log(
      options.json
        ? JSON.stringify({ directory, ...summary, unigramPerplexity })
        : describe(directory, config, summary),
    );
    if (summary.status === 'diverged') throw new InputError('usage', `${directory} diverged; lower the learning rate`);
  } finally {
    progress.stop();
    release();
    dataset.close();
  }
}

function target(options: TrainOptions): { config: Config; directory: string; resume: boolean } {
  if (options.resume === undefined) {
    const { raw, source } = loadConfiguration(options);
    const config = parseConfig(raw, source);
    return {
      config,
      directory: options.out === undefined ? freshRunFolder('train') : userPath(options.out),
      resume: false,
    };
  }
  const surplus = (['preset', 'config', 'set', 'out'] as const).find((name) => options[name] !== undefined);
  if (surplus !== undefined) {
    throw new InputError(
      'usage',
      `--${surplus}: a resumed run keeps its configuration and folder; leave this option out`,
    );
  }
  const directory = userPath(options.resume);
  const config = parseRecordedConfig(readRunFolder(directory).config.config, `${directory}/config.json`);
  return { config, directory, resume: true };
}

function describe(directory: string, config: Config, summary: Summary): string {
  const { status, step, final, best, tokensPerSecond, parameters } = summary;
  const { batches } = config.training.evaluation;
  const point = (evaluation: Summary['final'], extent = '') =>
    evaluation === null
      ? 'none'
      : `perplexity ${evaluation.metrics.perplexity?.toFixed(3)}, loss ${evaluation.loss.toFixed(4)} nats, ` +
        `${evaluation.metrics.bitsPerByte?.toFixed(4)} bits per byte (step ${evaluation.step}${extent})`;
  return [
    `${status} after ${step} steps: ${directory}`,
    `parameters  ${parameters.toLocaleString('en')}`,
    `validation  ${point(final)}`,
    // Over what every evaluation has: the last one, over the whole split, is of another text.
    `best        ${point(best, `, first ${batches} batches`)}`,
    `speed       ${Math.round(tokensPerSecond).toLocaleString('en')} tokens/s`,
  ].join('\n');
}
