import type { Peers } from '@dynact/collectives';
import type { PreparedDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { createRunFolder, openRunFolder, type RunFolder, type RunReader, readRunFolder } from '@dynact/runs';
import { differingSplit, isSamePlugin, type RunConfig, type Summary, type TokenDigests } from '@dynact/runs/records';
import { countModel, resolveModelConfig } from '@dynact/transformer';
import { firstDifference } from '../config/difference.ts';
import type { Config, TrainingConfig } from '../config/schema.ts';
import { recordedConfig } from './recorded-config.ts';

export interface OpenRunOptions {
  readonly config: Config;
  readonly dataset: PreparedDataset;
  readonly directory: string;
  readonly environment: Omit<RunConfig, 'config' | 'tokens' | 'ranks' | 'flopsPerToken'>;
  readonly ranks?: Peers | undefined;
}

/** Makes the folder of a new run. @throws InputError where there is anything in it already */
export function createRun(options: OpenRunOptions): RunFolder {
  return createRunFolder(options.directory, runConfigOf(options));
}

/**
 * Opens the folder of a run to go on with it. Where the configuration is the recorded one with more steps
 * (`longerConfig`) and perhaps further evaluations behind the end, that is recorded, and the run is no longer over.
 * @throws InputError where the configuration or the text is another one than before
 */
export function resumeRun(options: OpenRunOptions): RunFolder {
  const folder = openRunFolder(options.directory);
  try {
    const recorded = checkUnchanged(folder, options);
    // A run that has ended and has lost its last checkpoint cannot go on.
    folder.latestCheckpoint();
    if (options.config.training.steps > recorded.training.steps) folder.reopen(runConfigOf(options, folder.config));
    return folder;
  } catch (error) {
    folder.close();
    throw error;
  }
}

/**
 * The summary of a run that has all of its steps, or diverged; undefined where there is something left to do.
 * @throws InputError as `resumeRun`
 */
export function finishedRun(options: OpenRunOptions): Summary | undefined {
  const run = readRunFolder(options.directory);
  const recorded = checkUnchanged(run, options);
  return options.config.training.steps > recorded.training.steps ? undefined : run.readSummary();
}

function runConfigOf({ config, dataset, environment, ranks }: OpenRunOptions, before?: RunConfig): RunConfig {
  const { flopsPerToken } = countModel(resolveModelConfig(config.model, dataset.manifest.vocabularySize));
  const together = ranks === undefined ? {} : { ranks: ranks.size };
  const known = before ?? { ...environment, ...together, tokens: tokenDigests(dataset), flopsPerToken };
  return { ...known, config: JSON.parse(JSON.stringify(config)) };
}

/** @returns the recorded configuration */
function checkUnchanged(run: RunReader, { config, dataset, directory, environment }: OpenRunOptions): Config {
  const recorded = recordedConfig(run);
  const expected = { ...recorded, training: longerTraining(recorded.training, config.training) };
  const difference = firstDifference(settingsOf(expected), settingsOf(config));
  if (difference !== undefined) {
    const { path, before, now } = difference;
    throw new InputError(
      'run-folder',
      `${directory}: this run has ${path} ${JSON.stringify(before)}, not ${JSON.stringify(now)}; choose another folder or leave it as it was`,
    );
  }
  checkPlugins(run, environment.plugins);
  const tokens = tokenDigests(dataset);
  if (differingSplit(run.config.tokens ?? tokens, tokens) !== undefined) {
    throw new InputError(
      'run-folder',
      `${directory}: this run has other tokens than dataset ${config.dataset.name} gives now: another text, or one that changed; choose another folder`,
    );
  }
  return recorded;
}

/** The training of before, with what one that goes on behind its end has of its own. */
function longerTraining(before: TrainingConfig, { steps, stretches, evaluation }: TrainingConfig): TrainingConfig {
  const isLonger =
    stretches.length === before.stretches.length + 1 && stretches[before.stretches.length]!.after === before.steps;
  if (!isLonger) return before;
  const evaluatedSoFar = (given: TrainingConfig['evaluation']) =>
    JSON.stringify({ ...given, steps: given.steps?.filter((step) => step < before.steps) });
  const isSameSoFar = evaluatedSoFar(before.evaluation) === evaluatedSoFar(evaluation);
  return { ...before, steps, stretches, ...(isSameSoFar ? { evaluation } : {}) };
}

/** @throws InputError where a plugin that the run was made with is not among the given ones, as it was then */
export function checkPlugins(
  { config, directory }: Pick<RunReader, 'config' | 'directory'>,
  given: RunConfig['plugins'] = [],
): void {
  const changed = config.plugins?.find((plugin) => !given.some((other) => isSamePlugin(plugin, other)));
  if (changed === undefined) return;
  throw new InputError(
    'run-folder',
    `${directory}: this run is made with ${changed.names.join(', ')} of ${changed.file}, which is not given or has changed; name it as it was`,
  );
}

/** Everything that decides what a run computes; the text itself is known by its digests. */
function settingsOf({ seed, dataset, model, training }: Config) {
  const { name: _, ...tokenization } = dataset;
  return JSON.parse(JSON.stringify({ seed, dataset: tokenization, model, training }));
}

/** The tokens of a dataset that decide the results of runs. */
export function tokenDigests({ manifest }: PreparedDataset): TokenDigests {
  const { train, validation } = manifest.splits;
  return { train: train.sha256, validation: validation.sha256 };
}
