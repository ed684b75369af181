import { dropBy, type Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { GptBatch } from './learner.ts';

/**
 * The parameters that went first in a step that is not finite, found with the weights as they were before it:
 * - those that held a NaN or an infinity already;
 * - else those whose gradients do, where others' do not: the loss was finite, and the backward pass overflowed there;
 * - else those of the first part of the model whose output is not finite, in the order of the forward pass;
 * - else those that the backward pass reaches first, if every gradient is spoiled.
 * Empty where nothing of it is: then the loss alone was not finite.
 * @param microBatches those of the step, disposed as they are taken
 * @param nonFinite parameters whose gradient of the step is not finite
 */
export async function firstToDiverge(
  model: Gpt,
  microBatches: Iterable<GptBatch>,
  nonFinite: readonly string[],
): Promise<string[]> {
  const spoiled = await nonFiniteParameters(model);
  if (spoiled.length > 0) return spoiled;
  const trainable = model.parameters.filter((parameter) => parameter.trainable);
  if (nonFinite.length > 0 && nonFinite.length < trainable.length) return [...nonFinite];
  for (const microBatch of microBatches) {
    const part = await firstNonFinitePart(model, microBatch);
    tf.dispose(microBatch);
    if (part !== undefined) return part;
  }
  return nonFinite.slice(-1);
}

/** The parameters that hold a NaN or an infinity. */
export async function nonFiniteParameters(model: Gpt): Promise<string[]> {
  const names: string[] = [];
  for (const { name, variable } of model.parameters) if (!allFinite(await variable.data())) names.push(name);
  return names;
}

/** The parameters of the first part of the forward pass whose output is not finite. */
async function firstNonFinitePart(model: Gpt, batch: GptBatch): Promise<string[] | undefined> {
  const outputs: { part: string; stream: tf.Tensor }[] = [];
  tf.tidy(() => {
    // A clone each: two parts may give the same stream.
    model.hiddenStates(batch.inputs, {
      drop: dropBy(batch.dropout, model.config.dropout),
      watch: (part, stream) => outputs.push({ part, stream: tf.keep(tf.clone(stream)) }),
    });
  });
  let first: string | undefined;
  for (const { part, stream } of outputs) {
    if (first === undefined && !allFinite(await stream.data())) first = part;
    stream.dispose();
  }
  if (first === undefined) return undefined;
  const begin = first;
  return model.parameters.map(({ name }) => name).filter((name) => name.startsWith(begin));
}

function allFinite(values: ArrayLike<number>): boolean {
  for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index])) return false;
  return true;
}
