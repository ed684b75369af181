import { InputError } from '@dynact/files/input-error';
import type { TrainStep } from '@dynact/nn';
import type { StoredTensor } from '@dynact/runs';
import * as tf from '@tensorflow/tfjs-core';

/** A variable by the name that a checkpoint gives it. */
export type NamedVariable = readonly [name: string, variable: tf.Variable];

/** The moments and counts of an optimizer: `layers.0.gate.weight.m`. */
export function optimizerVariables({
  optimizer,
}: Pick<TrainStep<tf.TensorContainerObject>, 'optimizer'>): NamedVariable[] {
  return Object.entries(optimizer.state).flatMap(([name, state]) =>
    Object.entries(state).map(([slot, variable]): NamedVariable => [`${name}.${slot}`, variable]),
  );
}

/** The values of variables, read from the device. */
export async function readVariables(variables: Iterable<NamedVariable>): Promise<Map<string, StoredTensor>> {
  const stored = new Map<string, StoredTensor>();
  for (const [name, variable] of variables) {
    stored.set(name, { shape: variable.shape, data: (await variable.data()) as Float32Array });
  }
  return stored;
}

/**
 * Gives variables their stored values.
 * @param where the file, for the error
 * @throws InputError when one is missing, or is of another model
 */
export function assignStored(
  variables: Iterable<NamedVariable>,
  stored: ReadonlyMap<string, StoredTensor>,
  where: string,
): void {
  for (const [name, variable] of variables) {
    const { shape } = variable;
    tf.tidy(() => variable.assign(tf.tensor(storedValues({ name, shape }, stored, where), shape)));
  }
}

/** @throws InputError as `assignStored` */
export function storedValues(
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
  stored: ReadonlyMap<string, StoredTensor>,
  where: string,
): Float32Array {
  const tensor = stored.get(name);
  if (tensor === undefined) {
    throw new InputError(
      'run-folder',
      `${where}: ${name} is missing; the checkpoint is of another model: name one of this run, or train anew`,
    );
  }
  if (String(tensor.shape) !== String(shape)) {
    throw new InputError(
      'run-folder',
      `${where}: ${name} has shape [${tensor.shape}], the model needs [${shape}]; the checkpoint is of another model: name one of this run, or train anew`,
    );
  }
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new InputError('run-folder', `${where}: ${name} holds whole numbers (I32), the model needs F32`);
}
