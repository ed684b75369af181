import type { TrainStep } from '@dynact/nn';
import type { Checkpoint, CheckpointContent } from '@dynact/runs';
import { assignStored, type NamedVariable, optimizerVariables, readVariables } from '@dynact/training';
import type * as tf from '@tensorflow/tfjs-core';
import type { Experiment } from './network-study.ts';

type AnyTrainStep = TrainStep<tf.TensorContainerObject>;

/** Everything a checkpoint holds, read from the device. */
export async function captureExperiment(
  experiment: Experiment,
  trainStep: AnyTrainStep,
  state: CheckpointContent['state'],
): Promise<CheckpointContent> {
  const weights = await readVariables(weightsOf(experiment));
  return { weights, optimizer: await readVariables(optimizerVariables(trainStep)), state };
}

/** @throws InputError when the checkpoint is of another network */
export function restoreExperiment(experiment: Experiment, trainStep: AnyTrainStep, checkpoint: Checkpoint): void {
  assignStored(weightsOf(experiment), checkpoint.weights, checkpoint.directory);
  assignStored(optimizerVariables(trainStep), checkpoint.optimizer, checkpoint.directory);
}

function weightsOf({ parameters }: Experiment): NamedVariable[] {
  return parameters.map(({ name, variable }) => [name, variable]);
}
