import { setImmediate } from 'node:timers/promises';
import type { Peers } from '@dynact/collectives';
import { createTrainingBatches, type PreparedDataset } from '@dynact/data';
import type { Compile } from '@dynact/nn';
import { FollowedRun, holdsRun, readRunFolder, type WritableRun } from '@dynact/runs';
import type { MetricsRecord, RunConfig, Summary } from '@dynact/runs/records';
import { Gpt, resolveModelConfig } from '@dynact/transformer';
import type { Config } from '../config/schema.ts';
import { evaluationSteps } from '../evaluation/steps.ts';
import { Checkpoints } from './checkpoints.ts';
import { Diverged, Divergence } from './divergence.ts';
import { modelFrom } from './initial-weights.ts';
import { Learner } from './learner.ts';
import { MicroBatches } from './micro-batches.ts';
import { createRun, finishedRun, resumeRun } from './open-run.ts';
import { RunLog } from './run-log.ts';
import { initialRunState } from './run-state.ts';
import { Sampler } from './sampler.ts';
import { type ExchangeTime, SharedSteps } from './shared-steps.ts';
import { summarize } from './summary.ts';
import { Validation } from './validation.ts';

/** News of a run while it goes. */
export type TrainEvent =
  | { readonly kind: 'start'; readonly step: number; readonly steps: number }
  | { readonly kind: 'record'; readonly record: MetricsRecord; readonly steps: number }
  | { readonly kind: 'evaluating'; readonly done: number; readonly total: number }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly directory: string }
  /** At the end of what several processes trained. */
  | { readonly kind: 'exchanged'; readonly time: ExchangeTime };

export interface TrainRunOptions {
  readonly config: Config;
  readonly dataset: PreparedDataset;
  readonly directory: string;
  /**
   * False for a new run, the default; true for one that exists, perhaps with more steps (`longerConfig`); `if-there`
   * starts, resumes or returns, so that the same call may be made again.
   */
  readonly resume?: boolean | 'if-there';
  /** Recorded in config.json of a new run. */
  readonly environment: Omit<RunConfig, 'config' | 'tokens' | 'ranks'>;
  readonly compile?: Compile;
  readonly onEvent?: (event: TrainEvent) => void;
  /** Aborting ends the run after the step in progress, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** The processes that train the run together, each with these options; rank 0 writes the folder, which all see. */
  readonly ranks?: Peers | undefined;
}

/** How a run ended. `interrupted` ones can be resumed and have no summary. */
export type TrainRunResult =
  | { readonly status: 'finished' | 'diverged'; readonly summary: Summary }
  | { readonly status: 'interrupted'; readonly step: number };

/**
 * Trains one model into one run folder. Resuming continues from the latest checkpoint with the same bits as a run that
 * was never stopped, and cuts the log back to it.
 * @throws InputError for a configuration, folder or checkpoint that does not fit
 */
export async function trainRun(options: TrainRunOptions): Promise<TrainRunResult> {
  const { config, dataset, compile, ranks } = options;
  const { seed, training } = config;
  const resume = options.resume === 'if-there' ? holdsRun(options.directory) : (options.resume ?? false);
  const summary = options.resume === 'if-there' && resume ? finishedRun(options) : undefined;
  // Before the first of them writes anything.
  ranks?.meet();
  if (summary !== undefined) return { status: summary.status, summary };
  const modelConfig = resolveModelConfig(config.model, dataset.manifest.vocabularySize);
  // A text or steps that do not fit are refused before a folder is made.
  evaluationSteps(training);
  const { context } = modelConfig;
  const tokens = dataset.splits.train;
  const batches = createTrainingBatches({ tokens, context, batchSize: training.batchSize, seed });
  const begins = !resume || readRunFolder(options.directory).latestCheckpoint() === undefined;
  const from = begins ? training.from : null;
  const model = from === null ? new Gpt(modelConfig, seed) : modelFrom(from, modelConfig, config);
  const perStep = training.gradientAccumulation;
  const shared = ranks && sharedSteps(ranks, model, perStep, options.signal);
  const learner = new Learner(model, training, compile, shared);
  try {
    const folder = openTogether(options, resume);
    try {
      const microBatches = new MicroBatches(batches, model, { seed, perStep });
      return await train({ ...options, resume, shared }, folder, learner, microBatches);
    } finally {
      folder.close();
    }
  } finally {
    learner.dispose();
  }
}

function sharedSteps(ranks: Peers, model: Gpt, microBatches: number, signal: AbortSignal | undefined): SharedSteps {
  const trainable = model.parameters.filter((parameter) => parameter.trainable);
  const parameters = trainable.reduce((sum, { variable }) => sum + variable.size, 0);
  return new SharedSteps(ranks, { parameters, microBatches, wantsToStop: () => signal?.aborted ?? false });
}

/** Rank 0 makes or opens the folder; the others read it once it is there. */
function openTogether(options: TrainRunOptions, resume: boolean): WritableRun {
  const { ranks, directory } = options;
  const open = () => (resume ? resumeRun(options) : createRun(options));
  const own = ranks === undefined || ranks.rank === 0 ? open() : undefined;
  ranks?.meet();
  return own ?? new FollowedRun(directory, readRunFolder(directory).config);
}

async function train(
  {
    config,
    dataset,
    resume,
    compile,
    onEvent,
    signal,
    shared,
  }: TrainRunOptions & {
    readonly resume: boolean;
    readonly shared: SharedSteps | undefined;
  },
  folder: WritableRun,
  learner: Learner,
  microBatches: MicroBatches,
): Promise<TrainRunResult> {
  const { seed, training } = config;
  const { steps, batchSize, gradientAccumulation } = training;
  const state = initialRunState();
  const checkpoints = new Checkpoints(folder, learner, state, {
    training,
    ...(shared === undefined ? {} : { check: shared.compare.bind(shared) }),
  });
  const isUnderWay = resume && checkpoints.restore();
  shared?.beginAfter(state.step);
  const tokensPerStep = batchSize * gradientAccumulation * learner.model.config.context;
  const onRecord = (record: MetricsRecord) => onEvent?.({ kind: 'record', record, steps });
  const log = new RunLog(folder, state, { tokensPerStep, onRecord });
  const divergence = new Divergence(learner, state, training.divergence.lossRise);
  const tokenizer = await dataset.tokenizer();
  const onProgress = (done: number, total: number) => onEvent?.({ kind: 'evaluating', done, total });
  const parts = { training, dataset, tokenizer, learner, log, state, divergence, compile };
  const validation = new Validation({ ...parts, onProgress });
  const sampler = Sampler.of({ ...parts, model: learner.evaluated, seed });

  const announceStretch = () => {
    const stretch = training.stretches.findIndex(({ after }) => after === state.step);
    if (stretch < 0 || folder.records().some(({ kind, step }) => kind === 'stretch' && step === state.step)) return;
    const { after, schedule } = training.stretches[stretch]!;
    log.append({ kind: 'stretch', step: after, steps: training.stretches[stretch + 1]?.after ?? steps, schedule });
  };
  const observe = async () => {
    if (validation.due) await validation.run();
    if (sampler?.isDueAfter(state.step, validation.due)) log.append(await sampler.sample(state.step));
  };
  const save = async () => {
    const entry = await checkpoints.write();
    if (entry !== undefined) onEvent?.({ kind: 'checkpoint', ...entry });
  };
  const end = (status: Summary['status']) => {
    const { step, tokens } = log.position();
    const summary = summarize(status, { step, tokens, best: state.best }, folder.records(), learner.model.config);
    folder.writeSummary(summary);
    return { status, summary };
  };

  try {
    onEvent?.({ kind: 'start', step: state.step, steps });
    if (!isUnderWay) await observe();
    while (state.step < steps) {
      // The runtime computes on this thread: signals and messages are only heard between steps.
      await setImmediate();
      if (shared === undefined ? signal?.aborted : shared.stops) {
        await save();
        return { status: 'interrupted', step: state.step };
      }
      announceStretch();
      const step = state.step + 1;
      const before = performance.now();
      const result = await learner.trainStep.run(step, microBatches.of(step, shared?.ranks));
      const tokensPerSecond = tokensPerStep / ((performance.now() - before) / 1000);
      state.step = step;
      await divergence.check(result, microBatches.of(step));
      const { loss, gradientNorm } = result;
      const learningRate = learner.learningRate(step);
      const figures = { loss, learningRate, gradientNorm, tokensPerSecond, ...shared?.lastTime };
      log.append({ kind: 'train', ...log.position(), ...figures });
      await observe();
      if (checkpoints.due) await save();
    }
    return end('finished');
  } catch (error) {
    if (!(error instanceof Diverged)) throw error;
    const parameter = error.parameters.join(', ') || 'loss';
    log.append({ kind: 'diverged', step: state.step, parameter });
    return end('diverged');
  } finally {
    if (shared !== undefined) onEvent?.({ kind: 'exchanged', time: shared.meanTime });
    sampler?.dispose();
    log.close();
  }
}
