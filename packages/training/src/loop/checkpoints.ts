import { InputError } from '@dynact/files/input-error';
import type { Parameter } from '@dynact/nn';
import type { Checkpoint, CheckpointContent, CheckpointEntry, WritableRun } from '@dynact/runs';
import { createArchitecture, Gpt, type ResolvedModelConfig } from '@dynact/transformer';
import type { TrainingConfig } from '../config/schema.ts';
import type { Learner } from './learner.ts';
import { type RunState, runStateSchema } from './run-state.ts';
import { assignStored, type NamedVariable, optimizerVariables, readVariables, storedValues } from './stored-tensors.ts';

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
  assignStored(named(model.parameters), checkpoint.weights, where);
}

/**
 * The model of a checkpoint. Its shapes are compared with the file's before anything of the model's size is allocated.
 * @throws InputError when the checkpoint does not fit the configuration, or holds numbers that are not finite
 */
export function loadWeights(config: ResolvedModelConfig, checkpoint: Checkpoint): Gpt {
  const where = `${checkpoint.directory}/weights.safetensors`;
  const values = new Map<string, Float32Array>();
  for (const parameter of createArchitecture(config).parameters) {
    const data = storedValues(parameter, checkpoint.weights, where);
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
  const weights = await readVariables(named(learner.evaluated.parameters));
  return { weights, optimizer: await readVariables(trainingVariables(learner)), state };
}

/** @throws InputError when it does not fit the model or the optimizer, or its state is another one's */
export function restoreTraining(learner: Learner, checkpoint: Checkpoint): RunState {
  restoreWeights(learner.evaluated, checkpoint);
  const where = `${checkpoint.directory}/optimizer.safetensors`;
  assignStored(trainingVariables(learner), checkpoint.optimizer, where);
  const state = runStateSchema.safeParse(checkpoint.state);
  if (state.success && state.data.step === checkpoint.step) return state.data;
  throw new InputError(
    'run-folder',
    `${checkpoint.directory}/state.json is not that of this checkpoint; resume from another checkpoint`,
  );
}

/** Everything that training needs beside the weights to use, by the name that a checkpoint gives it. */
function trainingVariables({ model, average, trainStep }: Learner): NamedVariable[] {
  const slots = optimizerVariables(trainStep);
  if (average === undefined) return slots;
  const trained = model.parameters.map(({ name, variable }): NamedVariable => [`${name}.${trainedSlot}`, variable]);
  return [...slots, ...trained];
}

function named(parameters: readonly Parameter[]): NamedVariable[] {
  return parameters.map(({ name, variable }) => [name, variable]);
}
