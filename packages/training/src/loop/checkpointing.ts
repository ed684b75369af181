import { InputError } from '@dynact/files';
import type { Checkpoint, CheckpointContent, StoredTensor } from '@dynact/runs';
import type { Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { lossMonitorStateSchema } from './divergence.ts';
import type { TrainStep } from './train-step.ts';

const loopStateSchema = z.looseObject({
  step: z.number().int().nonnegative(),
  elapsedMs: z.number().nonnegative(),
  best: z.object({ step: z.number(), loss: z.number(), perplexity: z.number(), bitsPerByte: z.number() }).nullable(),
  lossMonitor: lossMonitorStateSchema,
});

/** What the loop itself must remember beside tensors; the data order and every mask follow from (seed, step). */
export type LoopState = z.infer<typeof loopStateSchema>;

/** Beside a parameter's name, its own value where `weights` hold the moving average. */
const trainedSlot = 'trained';

/** Everything a checkpoint holds, read from the device. `weights` are those to use: the moving average where there is one. */
export async function captureCheckpoint(
  model: Gpt,
  trainStep: TrainStep,
  state: LoopState,
): Promise<CheckpointContent> {
  const weights = new Map<string, StoredTensor>();
  for (const { name, variable } of trainStep.evaluated.parameters) weights.set(name, await store(variable));
  const optimizer = new Map<string, StoredTensor>();
  for (const { name, slots } of trainStep.parameters) {
    for (const [slot, variable] of slots) optimizer.set(`${name}.${slot}`, await store(variable));
  }
  if (trainStep.average !== undefined) {
    for (const { name, variable } of model.parameters) optimizer.set(`${name}.${trainedSlot}`, await store(variable));
  }
  return { weights, optimizer, state };
}

/** @throws InputError when the checkpoint does not fit the model. */
export function restoreWeights(model: Gpt, checkpoint: Checkpoint): void {
  const where = `${checkpoint.directory}/weights.safetensors`;
  for (const { name, variable } of model.parameters) assign(variable, name, checkpoint.weights, where);
}

/** @throws InputError when the checkpoint does not fit the optimizer. */
export function restoreTraining(model: Gpt, trainStep: TrainStep, checkpoint: Checkpoint): LoopState {
  restoreWeights(trainStep.evaluated, checkpoint);
  const where = `${checkpoint.directory}/optimizer.safetensors`;
  for (const { name, slots } of trainStep.parameters) {
    for (const [slot, variable] of slots) assign(variable, `${name}.${slot}`, checkpoint.optimizer, where);
  }
  if (trainStep.average !== undefined) {
    for (const { name, variable } of model.parameters) {
      assign(variable, `${name}.${trainedSlot}`, checkpoint.optimizer, where);
    }
  }
  const state = loopStateSchema.safeParse(checkpoint.state);
  if (!state.success) {
    throw new InputError(
      'configuration',
      `${checkpoint.directory}/state.json is not of this program; resume from another checkpoint`,
    );
  }
  return state.data;
}

async function store(variable: tf.Variable): Promise<StoredTensor> {
  return { shape: variable.shape, data: (await variable.data()) as Float32Array };
}

function assign(variable: tf.Variable, name: string, stored: ReadonlyMap<string, StoredTensor>, where: string): void {
  const tensor = stored.get(name);
  if (tensor === undefined)
    throw new InputError('configuration', `${where}: ${name} is missing; the checkpoint is of another model`);
  if (String(tensor.shape) !== String(variable.shape)) {
    throw new InputError(
      'configuration',
      `${where}: ${name} has shape [${tensor.shape}], the model needs [${variable.shape}]; the checkpoint is of another model`,
    );
  }
  tf.tidy(() => variable.assign(tf.tensor(tensor.data, [...tensor.shape])));
}
