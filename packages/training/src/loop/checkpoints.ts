import { InputError } from '@dynact/files/input-error';
import type { Checkpoint, CheckpointContent, CheckpointEntry, StoredTensor, WritableRun } from '@dynact/runs';
import { createArchitecture, Gpt, type ResolvedModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingConfig } from '../config/schema.ts';
import type { Learner } from './learner.ts';
import { type RunState, runStateSchema } from './run-state.ts';

/** Beside a parameter's name, its own value where `weights` hold the moving average. */
const trainedSlot = 'trained';

/** The checkpoints of a run: when they are due, what is in them, and the way back. */
export class Checkpoints {
  readonly #folder: WritableRun;
  readonly #learner: Learner;
  readonly #state: RunState;
  readonly #training: TrainingConfig;
  readonly #check: ((content: CheckpointContent, step: number) => void) | undefined;
  /** The step of the newest one; -1 before the first. */
  #newest = -1;

  /** @param check sees what is about to be written */
  constructor(
    folder: WritableRun,
    learner: Learner,
    state: RunState,
    { training, check }: { training: TrainingConfig; check?: (content: CheckpointContent, step: number) => void },
  ) {
    this.#folder = folder;
    this.#learner = learner;
    this.#state = state;
    this.#training = training;
    this.#check = check;
  }

  /** Whether one is to be written after the present step. */
  get due(): boolean {
    const { steps, checkpoint } = this.#training;
    const { step, best } = this.#state;
    const isDue = checkpoint.every !== undefined && step % checkpoint.every === 0;
    return isDue || step === steps || (checkpoint.best && best?.step === step);
  }

  /** Writes one of the present step, unless that is there, and deletes those that are not to be kept. */
  async write(): Promise<CheckpointEntry | undefined> {
    const { step, best } = this.#state;
    if (step === this.#newest) return undefined;
    const content = await captureTraining(this.#learner, this.#state);
    this.#check?.(content, step);
    const entry = this.#folder.writeCheckpoint(step, content);
    this.#newest = step;
    const { keep, best: keepsBest } = this.#training.checkpoint;
    this.#folder.pruneCheckpoints({ keep, ...(keepsBest && best !== null ? { best: best.step } : {}) });
    return entry;
  }

  /**
   * Goes back to the newest checkpoint, or to the start where there is none, and cuts the log back to it.
   * @returns whether there was one
   * @throws InputError when it does not fit the model or the optimizer
   */
  restore(): boolean {
    if (this.#folder.latestCheckpoint() === undefined) {
      this.#folder.truncateAfter(-1);
      return false;
    }
    Object.assign(this.#state, restoreTraining(this.#learner, this.#folder.readCheckpoint('latest')));
    this.#folder.truncateAfter(this.#state.step);
    this.#newest = this.#state.step;
    return true;
  }
}

/** @throws InputError when the checkpoint does not fit the model */
export function restoreWeights(model: Gpt, checkpoint: Checkpoint): void {
  const where = `${checkpoint.directory}/weights.safetensors`;
  for (const { name, variable } of model.parameters) assign(variable, name, checkpoint.weights, where);
}

/**
 * The model of a checkpoint. Its shapes are compared with the file's before anything of the model's size is allocated.
 * @throws InputError when the checkpoint does not fit the configuration, or holds numbers that are not finite
 */
export function loadWeights(config: ResolvedModelConfig, checkpoint: Checkpoint): Gpt {
  const where = `${checkpoint.directory}/weights.safetensors`;
  const values = new Map<string, Float32Array>();
  for (const parameter of createArchitecture(config).parameters) {
    const data = valuesOf(parameter, checkpoint.weights, where);
    if (!data.every(Number.isFinite)) {
      const advice = 'the model would write nothing sensible; use an earlier checkpoint';
      throw new InputError('run-folder', `${where}: ${parameter.name} holds NaN or infinity; ${advice}`);
    }
    values.set(parameter.name, data);
  }
  return new Gpt(config, ({ name }) => values.get(name)!);
}

/** Everything a checkpoint holds, read from the device. `weights` are those to use: the moving average where there is one. */
export async function captureTraining(learner: Learner, state: RunState): Promise<CheckpointContent> {
  const weights = new Map<string, StoredTensor>();
  for (const { name, variable } of learner.evaluated.parameters) weights.set(name, await stored(variable));
  const optimizer = new Map<string, StoredTensor>();
  for (const [name, variable] of trainingVariables(learner)) optimizer.set(name, await stored(variable));
  return { weights, optimizer, state };
}

/** @throws InputError when it does not fit the model or the optimizer, or its state is another one's */
export function restoreTraining(learner: Learner, checkpoint: Checkpoint): RunState {
  restoreWeights(learner.evaluated, checkpoint);
  const where = `${checkpoint.directory}/optimizer.safetensors`;
  for (const [name, variable] of trainingVariables(learner)) assign(variable, name, checkpoint.optimizer, where);
  const state = runStateSchema.safeParse(checkpoint.state);
  if (state.success && state.data.step === checkpoint.step) return state.data;
  throw new InputError(
    'run-folder',
    `${checkpoint.directory}/state.json is not that of this checkpoint; resume from another checkpoint`,
  );
}

/** Everything that training needs beside the weights to use, by the name that a checkpoint gives it. */
function trainingVariables({ model, average, trainStep }: Learner): [name: string, tf.Variable][] {
  const slots = Object.entries(trainStep.optimizer.state).flatMap(([name, state]) =>
    Object.entries(state).map(([slot, variable]): [string, tf.Variable] => [`${name}.${slot}`, variable]),
  );
  if (average === undefined) return slots;
  const trained = model.parameters.map(({ name, variable }): [string, tf.Variable] => [
    `${name}.${trainedSlot}`,
    variable,
  ]);
  return [...slots, ...trained];
}

async function stored(variable: tf.Variable): Promise<StoredTensor> {
  return { shape: variable.shape, data: (await variable.data()) as Float32Array };
}

function assign(variable: tf.Variable, name: string, stored: ReadonlyMap<string, StoredTensor>, where: string): void {
  const { shape } = variable;
  tf.tidy(() => variable.assign(tf.tensor(valuesOf({ name, shape }, stored, where), shape)));
}

function valuesOf(
  { name, shape }: { name: string; shape: readonly number[] },
  stored: ReadonlyMap<string, StoredTensor>,
  where: string,
): Float32Array {
  const tensor = stored.get(name);
  if (tensor === undefined) {
    throw new InputError('run-folder', `${where}: ${name} is missing; the checkpoint is of another model`);
  }
  if (String(tensor.shape) !== String(shape)) {
    throw new InputError(
      'run-folder',
      `${where}: ${name} has shape [${tensor.shape}], the model needs [${shape}]; the checkpoint is of another model`,
    );
  }
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new InputError('run-folder', `${where}: ${name} holds whole numbers (I32), the model needs F32`);
}
