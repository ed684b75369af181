import { calledAs, shellWord, userPath } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import { holdsRun, locateCheckpoint, readRunFolder } from '@dynact/runs';
import {
  type Config,
  type Continuation,
  describeLearningRate,
  longerConfig,
  parseConfig,
  recordedConfig,
  startingFrom,
} from '@dynact/training';
import { type ConfigurationOptions, loadConfiguration } from './configuration.ts';
import { pluginFiles } from './plugins.ts';

export interface TargetOptions extends ConfigurationOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly continue?: boolean;
  readonly schedule?: Continuation;
  readonly from?: string;
  readonly ignoreMemory?: boolean;
  readonly json?: boolean;
}

/** The run that `train` is to make, to go on with, or either. */
export interface TrainingTarget {
  readonly config: Config;
  /** By default a folder of its own. */
  readonly directory: string | undefined;
  readonly resume: boolean | 'if-there';
}

/**
 * @param text the first argument of `train`
 * @throws InputError for options that do not go together, or that a run which is there does not have
 */
export function trainingTarget(text: string | undefined, options: TargetOptions): TrainingTarget {
  loadPlugins(pluginFiles(options), recordedPlugins(options));
  if (options.resume !== undefined) return resumedRun(userPath(options.resume), text, options);
  if (options.schedule !== undefined) throw new InputError('usage', '--schedule: it goes with --resume and --steps');
  const directory = options.out === undefined ? undefined : userPath(options.out);
  if (!options.continue) return { config: newConfig(text, options), directory, resume: false };
  if (directory === undefined) throw new InputError('usage', '--continue: name the run folder with --out');
  return { config: continuedConfig(directory, text, options), directory, resume: 'if-there' };
}

/** The plugins of the run that is gone on with, or begun from. */
function recordedPlugins({ resume, out, from, ...options }: TargetOptions) {
  const there = resume ?? (options.continue ? out : undefined);
  const folders = there === undefined || !holdsRun(userPath(there)) ? [] : [userPath(there)];
  const runs = folders.map((folder) => readRunFolder(folder));
  const all = from === undefined ? runs : [...runs, locateCheckpoint(userPath(from)).run];
  return all.map(({ directory, config }) => ({ where: directory, plugins: config.plugins ?? [] }));
}

function newConfig(text: string | undefined, options: TargetOptions): Config {
  const { raw, source } = loadConfiguration(
    options,
    text,
    options.from === undefined ? {} : startingFrom(userPath(options.from)),
  );
  return parseConfig(raw, source);
}

/** As the command line says; where that names no setting, as the run that is there has it. */
function continuedConfig(directory: string, text: string | undefined, options: TargetOptions): Config {
  if (!holdsRun(directory)) return newConfig(text, options);
  const recorded = recordedConfig(readRunFolder(directory));
  const { out: _, continue: __, ignoreMemory: ___, json: ____, plugin: _____, ...settings } = options;
  if (text === undefined && Object.keys(settings).length === 0) return recorded;
  const config = newConfig(text, options);
  const { steps } = config.training;
  if (steps <= recorded.training.steps) return config;
  const course = recorded.training.schedule.name === 'constant' ? '' : ' --schedule keep';
  const longer = `${calledAs()} train --resume ${shellWord(directory)} --steps ${steps}${course}`;
  throw new InputError(
    'run-folder',
    `${directory} holds a run of ${recorded.training.steps} steps, not ${steps}; to train it longer: ${longer}`,
  );
}

/** A resumed run keeps its configuration, or is given more steps. */
function resumedRun(directory: string, text: string | undefined, options: TargetOptions): TrainingTarget {
  const { resume: _, ignoreMemory: __, json: ___, plugin: ____, steps, schedule, ...surplus } = options;
  const [first] = [...(text === undefined ? [] : [text]), ...Object.keys(surplus).map((name) => `--${kebab(name)}`)];
  if (first !== undefined) {
    throw new InputError(
      'usage',
      `${first}: a resumed run keeps its configuration and folder, all but --steps; leave this out`,
    );
  }
  const recorded = recordedConfig(readRunFolder(directory));
  if (steps === undefined && schedule !== undefined)
    throw new InputError('usage', '--schedule: say with --steps how many steps the run is to have in all');
  const config = steps === undefined ? recorded : withSteps(recorded, steps, schedule, directory);
  return { config, directory, resume: true };
}

/** @throws InputError where the learning rate has fallen at the end of the run, and it is not said how to go on */
function withSteps(config: Config, steps: number, schedule: Continuation | undefined, directory: string): Config {
  const { training } = config;
  const last = training.stretches.at(-1)?.schedule;
  if (steps === training.steps && (schedule ?? last) === last) return config;
  if (steps === training.steps) {
    const had = last === undefined ? 'no second stretch' : `--schedule ${last}`;
    throw new InputError(
      'run-folder',
      `--schedule ${schedule}: ${directory} has its ${steps} steps with ${had}; give more steps`,
    );
  }
  const chosen = schedule ?? (training.schedule.name === 'constant' ? 'keep' : undefined);
  if (chosen !== undefined) return longerConfig(config, steps, chosen);
  const [keep, restart] = (['keep', 'restart'] as const).map(
    (choice) => `--schedule ${choice} (${describeLearningRate(longerConfig(config, steps, choice).training).at(-1)})`,
  );
  const ended = describeLearningRate(training).at(-1);
  throw new InputError('usage', `${directory}: its learning rate has ended (${ended}); choose ${keep} or ${restart}`);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
