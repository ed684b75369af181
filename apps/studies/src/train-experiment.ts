import { setImmediate } from 'node:timers/promises';
import { type Compile, type StepResult, TrainStep } from '@dynact/nn';
import { createRunFolder, openRunFolder, type RunFolder } from '@dynact/runs';
import { type RunConfig, runConfigSchema, type Summary } from '@dynact/runs/records';
import { activationRecords, type TrainEvent } from '@dynact/training';
import type * as tf from '@tensorflow/tfjs-core';
import { captureExperiment, restoreExperiment } from './experiment-state.ts';
import type { Experiment, Part } from './network-study.ts';

export interface ExperimentOptions {
  readonly part: Pick<Part, 'steps' | 'evaluationSteps'>;
  readonly directory: string;
  /** True for a run that exists. */
  readonly resume: boolean;
  /** Recorded in config.json of a new run. */
  readonly config: RunConfig;
  readonly compile: Compile;
  /** Steps between checkpoints. */
  readonly checkpointEvery: number;
  readonly onEvent?: (event: TrainEvent) => void;
  /** Aborting ends the run after the step in progress, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/**
 * Trains an experiment into a run folder. Resuming goes on from the latest checkpoint with the same bits as a run that was
 * never stopped.
 */
export async function trainExperiment(experiment: Experiment, options: ExperimentOptions): Promise<void> {
  const { directory, resume, compile } = options;
  const step = new TrainStep(experiment, { transform: experiment.transform, compile });
  const folder = resume ? openRunFolder(directory) : createRunFolder(directory, runConfigSchema.parse(options.config));
  try {
    await new ExperimentRun(experiment, step, folder, options).train();
  } finally {
    folder.close();
    step.dispose();
    for (const parameter of experiment.parameters) parameter.dispose();
  }
}

class ExperimentRun {
  readonly #experiment: Experiment;
  readonly #trainStep: TrainStep<tf.TensorContainerObject>;
  readonly #folder: RunFolder;
  readonly #options: ExperimentOptions;
  #step = 0;
  #startedAt = performance.now();
  #saved = -1;

  constructor(
    experiment: Experiment,
    trainStep: TrainStep<tf.TensorContainerObject>,
    folder: RunFolder,
    options: ExperimentOptions,
  ) {
    this.#experiment = experiment;
    this.#trainStep = trainStep;
    this.#folder = folder;
    this.#options = options;
  }

  async train(): Promise<void> {
    const { part, checkpointEvery, onEvent, signal } = this.#options;
    await this.#restore();
    onEvent?.({ kind: 'start', step: this.#step, steps: part.steps });
    if (this.#step === 0) await this.#evaluate();
    while (this.#step < part.steps) {
      // The runtime computes on this thread: signals are only heard between steps.
      await setImmediate();
      if (signal?.aborted) return this.#save();
      const before = performance.now();
      const result = await this.#trainStep.run(this.#step + 1, [this.#experiment.batch(this.#step)]);
      this.#step += 1;
      if (result.nonFinite.length > 0 || !Number.isFinite(result.loss)) return this.#end('diverged', result.nonFinite);
      this.#log(result, performance.now() - before);
      if (part.evaluationSteps.includes(this.#step)) await this.#evaluate();
      if (this.#step % checkpointEvery === 0) await this.#save();
    }
    await this.#save();
    await this.#end('finished');
  }

  #position() {
    const tokens = this.#step * this.#experiment.batchSize;
    return { step: this.#step, tokens, elapsedMs: performance.now() - this.#startedAt };
  }

  #log({ loss, gradientNorm }: StepResult, milliseconds: number): void {
    const tokensPerSecond = (1000 * this.#experiment.batchSize) / milliseconds;
    const { learningRate = 0 } = this.#trainStep.optimizer.scalars(this.#step);
    this.#append({ kind: 'train', ...this.#position(), loss, learningRate, gradientNorm, tokensPerSecond });
  }

  #append(record: Parameters<RunFolder['append']>[0]): void {
    this.#folder.append(record);
    this.#options.onEvent?.({ kind: 'record', record, steps: this.#options.part.steps });
  }

  async #evaluate(): Promise<void> {
    const { loss, metrics } = await this.#experiment.evaluate();
    this.#append({ kind: 'evaluation', ...this.#position(), split: 'validation', loss, metrics });
    for (const record of await activationRecords(this.#experiment.activationValues, this.#step)) this.#append(record);
  }

  async #save(): Promise<void> {
    if (this.#step === this.#saved) return;
    const state = { elapsedMs: performance.now() - this.#startedAt };
    this.#folder.writeCheckpoint(this.#step, await captureExperiment(this.#experiment, this.#trainStep, state));
    this.#folder.pruneCheckpoints({ keep: 1 });
    this.#saved = this.#step;
  }

  async #restore(): Promise<void> {
    const hasOne = this.#folder.checkpoints().length > 0;
    if (hasOne) {
      const checkpoint = this.#folder.readCheckpoint();
      restoreExperiment(this.#experiment, this.#trainStep, checkpoint);
      this.#step = checkpoint.step;
      this.#saved = checkpoint.step;
      this.#startedAt -= Number(checkpoint.state.elapsedMs);
    }
    this.#folder.truncateAfter(hasOne ? this.#step : -1);
  }

  async #end(status: Summary['status'], diverged: readonly string[] = []): Promise<void> {
    if (status === 'diverged')
      this.#append({ kind: 'diverged', step: this.#step, parameter: diverged.join(', ') || 'loss' });
    const evaluations = this.#folder.records().filter((record) => record.kind === 'evaluation');
    const points = evaluations.map(({ step, loss, metrics }) => ({ step, loss, metrics }));
    const { step, tokens, elapsedMs } = this.#position();
    const sizes = this.#trainStep.parameters.map(({ size, group }) => ({ size, group }));
    const sum = (counted: typeof sizes) => counted.reduce((total, { size }) => total + size, 0);
    this.#folder.writeSummary({
      status,
      step,
      tokens,
      final: points.at(-1) ?? null,
      best: points.toSorted((a, b) => a.loss - b.loss)[0] ?? null,
      wholeSplit: null,
      tokensPerSecond: (1000 * tokens) / Math.max(1, elapsedMs),
      parameters: sum(sizes),
      activationParameters: sum(sizes.filter(({ group }) => group === 'activation')),
      flopsPerToken: 0,
    });
  }
}
