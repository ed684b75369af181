import type { Batch, TrainingBatches } from '@dynact/data';
import { type DropoutDraws, dropoutDraws, uniformStream } from '@dynact/nn';
import type { Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
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

  /**
   * Makes one at a time, for whoever takes it to dispose.
   * @param step from 1
   * @param share of one of several processes: every `size`th, from the `rank`th on
   */
  *of(step: number, { rank, size }: { rank: number; size: number } = { rank: 0, size: 1 }): Iterable<GptBatch> {
    const { config, dropoutSites: sites } = this.#model;
    for (let microBatch = rank; microBatch < this.#perStep; microBatch += size) {
      const batch = this.#batches.batch((step - 1) * this.#perStep + microBatch);
      const draws = Array.from({ length: sites }, (_, site) => {
        const uniform = uniformStream(this.#seed, `dropout/${step}/${microBatch}/${site}`);
        return dropoutDraws(uniform, batch.inputs.length, config.width);
      });
      yield gptBatch(this.#model, batch, draws);
    }
  }
}

/** Puts a batch on the device. @param dropout draws for each place of dropout */
export function gptBatch(model: Gpt, { inputs, targets }: Batch, dropout: DropoutDraws[] = []): GptBatch {
  const { context } = model.config;
  const shape: [number, number] = [inputs.length / context, context];
  return {
    inputs: tf.tensor2d(inputs, shape, 'int32'),
    targets: tf.tensor2d(targets, shape, 'int32'),
    dropout,
  };
}
