import type { Batch, TrainingBatches } from '@dynact/data';
import type { Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { dropoutMasks } from './dropout-masks.ts';
import type { GptBatch } from './learner.ts';

/** The micro-batches of each step, a pure function of (tokens, seed, step): a resumed run sees the same. */
export class MicroBatches {
  readonly #batches: TrainingBatches;
  readonly #model: Gpt;
  readonly #seed: number;
  readonly #perStep: number;

  constructor(batches: TrainingBatches, model: Gpt, options: { seed: number; perStep: number }) {
    this.#batches = batches;
    this.#model = model;
    this.#seed = options.seed;
    this.#perStep = options.perStep;
  }

  /** Makes one at a time, for whoever takes it to dispose. @param step from 1 */
  *of(step: number): Iterable<GptBatch> {
    const { config, dropoutSites: sites } = this.#model;
    for (let microBatch = 0; microBatch < this.#perStep; microBatch++) {
      const batch = this.#batches.batch((step - 1) * this.#perStep + microBatch);
      const size = batch.inputs.length * config.width;
      const stream = { seed: this.#seed, step, microBatch };
      yield gptBatch(this.#model, batch, dropoutMasks({ probability: config.dropout, sites, size, ...stream }));
    }
  }
}

/** Puts a batch on the device. @param masks one for each place of dropout, [batch * time, width] */
export function gptBatch(
  { config: { context, width } }: Gpt,
  { inputs, targets }: Batch,
  masks: Iterable<Float32Array> = [],
): GptBatch {
  const shape: [number, number] = [inputs.length / context, context];
  return {
    inputs: tf.tensor2d(inputs, shape, 'int32'),
    targets: tf.tensor2d(targets, shape, 'int32'),
    dropoutMasks: Array.from(masks, (mask) => tf.tensor2d(mask, [inputs.length, width])),
  };
}
