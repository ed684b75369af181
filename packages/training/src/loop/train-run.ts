import { setImmediate } from 'node:timers/promises';
import {
  createEvaluationWindows,
  createTrainingBatches,
  type PreparedDataset,
  type Tokenizer,
  type TrainingBatches,
} from '@dynact/data';
import { InputError } from '@dynact/files';
import type { Compile } from '@dynact/nn';
import { createRunFolder, openRunFolder, type RunFolder, TensorBoardLog } from '@dynact/runs';
import type { MetricsRecord, RunConfig, Summary } from '@dynact/runs/records';
import { Gpt, resolveModelConfig } from '@dynact/transformer';
import type { Config } from '../config/schema.ts';
import { type Evaluation, Evaluator } from '../evaluation/evaluator.ts';
import { evaluationSteps } from '../evaluation/plan.ts';
import { activationRecords } from './activation-records.ts';
import { captureCheckpoint, type LoopState, restoreTraining } from './checkpointing.ts';
import { LossMonitor } from './divergence.ts';
import { dropoutMasks } from './dropout-masks.ts';
import { firstToDiverge, nonFiniteParameters } from './first-to-diverge.ts';
import { RemainingTime } from './remaining-time.ts';
import { Sampler } from './sampler.ts';
import { summarize } from './summary.ts';
import { type MicroBatch, TrainStep } from './train-step.ts';

/** What a run tells while it goes. */
export type TrainEvent =
  | { readonly kind: 'start'; readonly step: number; readonly steps: number }
  | {
      readonly kind: 'record';
      readonly record: MetricsRecord;
      readonly steps: number;
      /** Milliseconds to the last step, with the evaluations as often as so far; with records of kind train. */
      readonly remainingMs?: number;
    }
  | { readonly kind: 'evaluating'; readonly done: number; readonly total: number }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly directory: string };

export interface TrainRunOptions {
  readonly config: Config;
  readonly dataset: PreparedDataset;
  /** The run folder: new, or with `resume` one that exists. */
  readonly directory: string;
  readonly resume?: boolean;
  /** Recorded in config.json of a new run. */
  readonly environment: Omit<RunConfig, 'config' | 'tokens'>;
  readonly compile?: Compile;
  readonly onEvent?: (event: TrainEvent) => void;
  /** Aborting ends the run after the step in progress, with a checkpoint. */
  readonly signal?: AbortSignal;
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
  const { config } = options;
  const modelConfig = resolveModelConfig(config.model, options.dataset.manifest.vocabularySize);
  const evaluateAfter = new Set(evaluationSteps(config.training));
  // What does not fit the text is refused before a folder is made.
  const batches = createTrainingBatches({
    tokens: options.dataset.splits.train,
    context: modelConfig.context,
    batchSize: config.training.batchSize,
    seed: config.seed,
  });
  const model = new Gpt(modelConfig, config.seed);
  const trainStep = new TrainStep(model, config.training, options.compile);
  try {
    const folder = openFolder(options);
    try {
      return await new TrainLoop(options, folder, model, trainStep, evaluateAfter).run(batches);
    } finally {
      folder.close();
    }
  } finally {
    trainStep.dispose();
    model.dispose();
  }
}

/** @throws InputError when a run that goes on would see another text than before. */
function openFolder({ config, dataset, directory, environment, resume }: TrainRunOptions): RunFolder {
  const { train, validation } = dataset.manifest.splits;
  const tokens = { train: train.sha256, validation: validation.sha256 };
  if (!resume) {
    return createRunFolder(directory, { ...environment, tokens, config: JSON.parse(JSON.stringify(config)) });
  }
  const folder = openRunFolder(directory);
  const before = folder.config.tokens;
  if (before !== undefined && (before.train !== tokens.train || before.validation !== tokens.validation)) {
    folder.close();
    throw new InputError(
      'configuration',
      `${directory}: dataset ${config.dataset.name} has changed since this run began; train anew`,
    );
  }
  return folder;
}

class TrainLoop {
  readonly #options: TrainRunOptions;
  readonly #folder: RunFolder;
  readonly #model: Gpt;
  readonly #trainStep: TrainStep;
  readonly #evaluateAfter: ReadonlySet<number>;
  readonly #lossMonitor: LossMonitor;
  #state: LoopState;
  #startedAt = 0;
  #tensorBoard: TensorBoardLog | undefined;
  #sampler: Sampler | undefined;
  #checkpointStep = -1;

  constructor(
    options: TrainRunOptions,
    folder: RunFolder,
    model: Gpt,
    trainStep: TrainStep,
    evaluateAfter: ReadonlySet<number>,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#model = model;
    this.#trainStep = trainStep;
    this.#evaluateAfter = evaluateAfter;
    this.#lossMonitor = new LossMonitor(options.config.training.divergence.lossRise);
    this.#state = { step: 0, elapsedMs: 0, best: null, lossMonitor: this.#lossMonitor.state };
  }

  async run(batches: TrainingBatches): Promise<TrainRunResult> {
    this.#restore();
    this.#startedAt = performance.now() - this.#state.elapsedMs;
    const wallStart = Date.now() - this.#state.elapsedMs;
    this.#tensorBoard = new TensorBoardLog(this.#folder.directory, this.#folder.records(), wallStart);
    try {
      return await this.#train(batches);
    } finally {
      this.#sampler?.dispose();
      this.#tensorBoard.close();
    }
  }

  async #train(batches: TrainingBatches): Promise<TrainRunResult> {
    const { config, dataset, signal } = this.#options;
    const { steps, batchSize, gradientAccumulation, checkpoint } = config.training;
    this.#options.onEvent?.({ kind: 'start', step: this.#state.step, steps });
    const tokenizer = await dataset.tokenizer();
    const evaluator = this.#createEvaluator(tokenizer);
    this.#sampler = this.#createSampler(tokenizer);
    const context = this.#model.config.context;

    const remaining = new RemainingTime(steps, this.#state.step, performance.now());
    // A run that was stopped before its first step has these records already.
    if (this.#checkpointStep < 0) {
      if (!(await this.#evaluate(evaluator))) return this.#divergedInEvaluation();
      await this.#sampleAfter(0);
    }
    while (this.#state.step < steps) {
      // The runtime computes on this thread: signals and messages are only heard between steps.
      await setImmediate();
      if (signal?.aborted) {
        await this.#writeCheckpoint();
        return { status: 'interrupted', step: this.#state.step };
      }
      const step = this.#state.step + 1;
      const microBatches = Array.from({ length: gradientAccumulation }, (_, index) =>
        this.#withMasks(batches.batch((step - 1) * gradientAccumulation + index), step, index),
      );
      const before = performance.now();
      const { nonFinite, gradientNorms, ...result } = await this.#trainStep.run(step, microBatches);
      const now = performance.now();
      this.#state = { ...this.#state, step, elapsedMs: now - this.#startedAt };
      const tokensPerStep = batchSize * gradientAccumulation * context;
      const allFinite = Number.isFinite(result.loss) && nonFinite.length === 0;
      if (!allFinite) return this.#diverged(await firstToDiverge(this.#model, microBatches, nonFinite));
      if (this.#lossMonitor.observe(result.loss, gradientNorms)) return this.#diverged(this.#lossMonitor.mostRisen());
      this.#state.lossMonitor = this.#lossMonitor.state;
      const tokensPerSecond = tokensPerStep / ((now - before) / 1000);
      this.#append({ kind: 'train', ...this.#position(), ...result, tokensPerSecond }, remaining.after(step, now));
      if (this.#evaluateAfter.has(step) && !(await this.#evaluate(evaluator))) return this.#divergedInEvaluation();
      await this.#sampleAfter(step);
      const isDue = checkpoint.every !== undefined && step % checkpoint.every === 0;
      const isBest = checkpoint.best && this.#state.best?.step === step;
      if (isDue || isBest || step === steps) await this.#writeCheckpoint();
    }
    return { status: 'finished', summary: this.#writeSummary('finished') };
  }

  /** Back to the latest checkpoint, or to the start where there is none. */
  #restore(): void {
    if (!this.#options.resume) return;
    if (this.#folder.checkpoints().length === 0) {
      this.#folder.truncateAfter(-1);
      return;
    }
    const checkpoint = this.#folder.readCheckpoint('latest');
    this.#state = restoreTraining(this.#model, this.#trainStep, checkpoint);
    this.#lossMonitor.restore(this.#state.lossMonitor);
    this.#folder.truncateAfter(this.#state.step);
    this.#checkpointStep = this.#state.step;
  }

  #createSampler(tokenizer: Tokenizer): Sampler | undefined {
    const { config, compile } = this.#options;
    const settings = config.training.sample;
    if (settings === null) return undefined;
    const model = this.#trainStep.evaluated;
    return new Sampler({
      model,
      tokenizer,
      settings,
      seed: config.seed,
      ...(compile === undefined ? {} : { compile }),
    });
  }

  /** Writes a sample where one is due after `step`. */
  async #sampleAfter(step: number): Promise<void> {
    const every = this.#options.config.training.sample?.every;
    const isDue = every === undefined ? this.#evaluateAfter.has(step) : step % every === 0;
    if (this.#sampler !== undefined && isDue) this.#append(await this.#sampler.sample(step));
  }

  #createEvaluator(tokenizer: Tokenizer): Evaluator {
    const { config, dataset, compile } = this.#options;
    return new Evaluator({
      model: this.#trainStep.evaluated,
      windows: createEvaluationWindows({ tokens: dataset.splits.validation, context: this.#model.config.context }),
      tokenizer,
      batchSize: config.training.batchSize,
      ...(compile === undefined ? {} : { compile }),
    });
  }

  async #divergedInEvaluation(): Promise<TrainRunResult> {
    const spoiled = await nonFiniteParameters(this.#trainStep.evaluated);
    return this.#diverged(spoiled.length > 0 ? spoiled : this.#lossMonitor.mostRisen());
  }

  /** @param first the parameters that went first; none where it cannot be told */
  #diverged(first: readonly string[]): TrainRunResult {
    const parameter = first.length === 0 ? 'loss' : first.join(', ');
    this.#append({ kind: 'diverged', step: this.#state.step, parameter });
    return { status: 'diverged', summary: this.#writeSummary('diverged') };
  }

  /** @returns false where the loss is no number to record */
  async #evaluate(evaluator: Evaluator): Promise<boolean> {
    const { steps, evaluation } = this.#options.config.training;
    const { step } = this.#state;
    const limit = step === steps ? undefined : evaluation.batches;
    // Only losses over the same text can be compared, so the best is that over the batches which every evaluation has.
    let first: Evaluation | undefined;
    const { loss, perplexity, bitsPerByte } = await evaluator.evaluate(limit, (done, total, soFar) => {
      if (done <= evaluation.batches) first = soFar;
      this.#options.onEvent?.({ kind: 'evaluating', done, total });
    });
    if (!Number.isFinite(perplexity)) return false;
    this.#state.elapsedMs = performance.now() - this.#startedAt;
    this.#append({ kind: 'evaluation', ...this.#position(), split: 'validation', loss, perplexity, bitsPerByte });
    const { tokens: _, ...comparable } = first!;
    if (this.#state.best === null || comparable.loss < this.#state.best.loss) {
      this.#state.best = { step, ...comparable };
    }
    for (const record of await activationRecords(this.#trainStep.evaluated, step)) this.#append(record);
    return true;
  }

  async #writeCheckpoint(): Promise<void> {
    const { step } = this.#state;
    if (step === this.#checkpointStep) return;
    const content = await captureCheckpoint(this.#model, this.#trainStep, this.#state);
    const { directory } = this.#folder.writeCheckpoint(step, content);
    const { keep, best } = this.#options.config.training.checkpoint;
    const bestStep = this.#state.best?.step;
    this.#folder.pruneCheckpoints({ keep, ...(best && bestStep !== undefined ? { best: bestStep } : {}) });
    this.#checkpointStep = step;
    this.#options.onEvent?.({ kind: 'checkpoint', step, directory });
  }

  #writeSummary(status: Summary['status']): Summary {
    const { step, tokens } = this.#position();
    const progress = { step, tokens, best: this.#state.best };
    const summary = summarize(status, progress, this.#folder.records(), this.#model.config);
    this.#folder.writeSummary(summary);
    return summary;
  }

  #withMasks(batch: { inputs: Int32Array; targets: Int32Array }, step: number, microBatch: number): MicroBatch {
    const { dropout, width } = this.#model.config;
    const sites = this.#model.dropoutSites;
    const { seed } = this.#options.config;
    const size = batch.inputs.length * width;
    return { ...batch, dropoutMasks: dropoutMasks({ probability: dropout, sites, size, seed, step, microBatch }) };
  }

  #position(): { step: number; tokens: number; elapsedMs: number } {
    const { batchSize, gradientAccumulation } = this.#options.config.training;
    const { step, elapsedMs } = this.#state;
    return { step, tokens: step * batchSize * gradientAccumulation * this.#model.config.context, elapsedMs };
  }

  #append(record: MetricsRecord, remainingMs?: number): void {
    this.#folder.append(record);
    this.#tensorBoard?.append(record);
    const { steps } = this.#options.config.training;
    this.#options.onEvent?.({ kind: 'record', record, steps, ...(remainingMs === undefined ? {} : { remainingMs }) });
  }
}
