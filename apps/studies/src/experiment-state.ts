import { InputError } from '@dynact/files';
import type { TrainStep } from '@dynact/nn';
import type { Checkpoint, CheckpointContent, StoredTensor } from '@dynact/runs';
import type { ActivationRecord } from '@dynact/runs/records';
import * as tf from '@tensorflow/tfjs-core';
import type { Experiment } from './network-study.ts';

type AnyTrainStep = TrainStep<tf.TensorContainerObject>;

/** Everything a checkpoint holds, read from the device. */
export async function captureExperiment(
  { parameters }: Experiment,
  trainStep: AnyTrainStep,
  state: CheckpointContent['state'],
): Promise<CheckpointContent> {
  const read = async (variables: Iterable<[string, tf.Variable]>) => {
    const stored = new Map<string, StoredTensor>();
    for (const [name, variable] of variables) {
      stored.set(name, { shape: variable.shape, data: (await variable.data()) as Float32Array });
    }
    return stored;
  };
  const weights = await read(parameters.map(({ name, variable }) => [name, variable]));
  return { weights, optimizer: await read(slots(trainStep)), state };
}

/** @throws InputError when the checkpoint is of another network */
export function restoreExperiment(experiment: Experiment, trainStep: AnyTrainStep, checkpoint: Checkpoint): void {
  const assign = (name: string, variable: tf.Variable, stored: ReadonlyMap<string, StoredTensor>) => {
    const found = stored.get(name);
    if (found === undefined || String(found.shape) !== String(variable.shape) || !(found.data instanceof Float32Array))
      throw new InputError('run-folder', `${checkpoint.directory} is of another network (${name}); delete that run`);
    const { data } = found;
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
  };
  for (const { name, variable } of experiment.parameters) assign(name, variable, checkpoint.weights);
  for (const [name, variable] of slots(trainStep)) assign(name, variable, checkpoint.optimizer);
}

function slots({ optimizer }: AnyTrainStep): [string, tf.Variable][] {
  return Object.entries(optimizer.state).flatMap(([name, state]) =>
    Object.entries(state).map(([slot, variable]): [string, tf.Variable] => [`${name}.${slot}`, variable]),
  );
}

/** The trainable parameters of every layer's activation, as readers know them. */
export async function activationRecords(experiment: Experiment, step: number): Promise<ActivationRecord[]> {
  const records: ActivationRecord[] = [];
  for (const [layer, values] of experiment.activationValues.entries()) {
    for (const [name, tensor] of Object.entries(values())) {
      const data = Array.from(await tensor.data());
      tensor.dispose();
      records.push({ kind: 'activation', step, layer, name, value: tensor.rank === 0 ? data[0]! : data });
    }
  }
  return records;
}
