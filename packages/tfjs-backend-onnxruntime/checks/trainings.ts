import * as tf from '@tensorflow/tfjs';
import { compile } from '../src/index.ts';
import { convolutionalNetwork, imageBatch } from './convolutional-network.ts';
import { TinyGpt } from './tiny-gpt.ts';

/** Steps of a training on a device beside the cpu. */
export const steps = 20;
/** Optimizers make their variables in the first step, and compile records in the second. */
export const warmUp = 3;

/** Trains a step. @returns its loss */
type Step = (index: number) => Promise<number>;

/** A small GPT in compiled steps. */
export function gpt(): { step: Step; variables: readonly tf.Variable[] } {
  const model = new TinyGpt({ vocabulary: 256, width: 64, layers: 2, heads: 2, context: 32, batch: 4 });
  const compiled = compile((ids: tf.Tensor, next: tf.Tensor) => model.step(ids, next));
  const step = async (index: number) => {
    const batch = model.batch(index);
    const loss = compiled(...batch);
    const [value] = await loss.data();
    tf.dispose([loss, batch]);
    return value as number;
  };
  return { step, variables: model.variables };
}

/** A convolutional network in steps of tf.layers' own. */
export function images(): { step: Step; variables: readonly tf.Variable[] } {
  const model = convolutionalNetwork();
  const step = async (index: number) => {
    const batch = imageBatch(index);
    const loss = await model.trainOnBatch(...batch);
    tf.dispose(batch);
    return loss as number;
  };
  return { step, variables: model.trainableWeights.map((weight) => weight.read() as tf.Variable) };
}

/** Whether there is more after later steps than after the first ones. */
export const grows = (counts: readonly number[]) => Math.max(...counts.slice(warmUp)) > (counts[warmUp - 1] as number);
