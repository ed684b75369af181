import {
  type Compile,
  createOptimizer,
  type DropoutDraws,
  type GradientExchange,
  type Objective,
  TrainStep,
} from '@dynact/nn';
import { dropBy, Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingConfig } from '../config/schema.ts';
import { scheduledLearningRate } from '../config/stretches.ts';

/** Tokens of one forward and backward pass of a GPT. */
export type GptBatch = {
  /** [batch, time] int32 */
  readonly inputs: tf.Tensor2D;
  /** [batch, time] int32: the token after each input */
  readonly targets: tf.Tensor2D;
  /** For each place of dropout; empty without it. */
  readonly dropout: DropoutDraws[];
};

/** A GPT with what trains it. */
export class Learner {
  readonly model: Gpt;
  readonly trainStep: TrainStep<GptBatch>;
  /** Holds the moving average of the weights, where the configuration wants one. */
  readonly average: Gpt | undefined;
  readonly #training: TrainingConfig;

  /** Takes the model over: `dispose` disposes it. @param exchange where other processes take a share of the micro-batches */
  constructor(model: Gpt, training: TrainingConfig, compile?: Compile, exchange?: GradientExchange) {
    const { optimizer, gradientClip, gradientAccumulation, movingAverage } = training;
    this.model = model;
    this.#training = training;
    this.average = movingAverage === null ? undefined : copyModel(model);
    this.trainStep = new TrainStep(objectiveOf(model), {
      transform: createOptimizer(optimizer, (step) => this.learningRate(step), gradientClip),
      microBatches: gradientAccumulation,
      ...(movingAverage === null || this.average === undefined
        ? {}
        : { movingAverage: { parameters: this.average.parameters, decay: movingAverage.decay } }),
      ...(compile === undefined ? {} : { compile }),
      ...(exchange === undefined ? {} : { exchange }),
    });
  }

  /** The model to evaluate and to sample from: the moving average where there is one. */
  get evaluated(): Gpt {
    return this.average ?? this.model;
  }

  /** The values of each layer's activation parameters, which the caller disposes. */
  get activationValues(): (() => Readonly<Record<string, tf.Tensor>>)[] {
    const { evaluated } = this;
    return Array.from(evaluated.config.feedForwards.keys(), (layer) => () => evaluated.activationValues(layer));
  }

  /** @param step from 1 */
  learningRate(step: number): number {
    return scheduledLearningRate(this.#training, step);
  }

  dispose(): void {
    this.trainStep.dispose();
    this.average?.dispose();
    this.model.dispose();
  }
}

/** The training loss of a GPT. */
function objectiveOf(model: Gpt): Objective<GptBatch> {
  const { parameters } = model;
  return {
    parameters,
    loss: ({ inputs, targets, dropout }) => model.loss(inputs, targets, dropBy(dropout, model.config.dropout)),
  };
}

/** A second model with the same values. */
function copyModel(model: Gpt): Gpt {
  const copy = new Gpt(model.config, 0);
  for (const [index, { variable }] of copy.parameters.entries()) {
    tf.tidy(() => variable.assign(tf.clone(model.parameters[index]!.variable)));
  }
  return copy;
}
