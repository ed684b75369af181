import type { Compile } from '@dynact/nn';
import { dropByMasks, type Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingConfig } from '../config/schema.ts';
import { copyModel } from '../optimizers/moving-average.ts';
import { Optimizer, type TrainedParameter, zerosOfShape } from '../optimizers/optimizer.ts';
import type { GradientNorms } from './divergence.ts';

/** One forward and backward pass: token ids [batch, time] row by row, and a mask per dropout site. */
export interface MicroBatch {
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
  readonly dropoutMasks: readonly Float32Array[];
}

export interface StepResult {
  /** Mean loss of the batch before the update, nats per token. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global L2 norm of the mean gradient before clipping. */
  readonly gradientNorm: number;
  /** The same of each parameter alone, by its name. */
  readonly gradientNorms: GradientNorms;
  /** Names of parameters whose gradient holds a NaN or an infinity (or is too large to square). */
  readonly nonFinite: readonly string[];
}

/**
 * The optimizer's step over a model: gradients, clipping, update. Everything that changes from step to step is an input
 * of the compiled functions, so a run compiles once.
 */
export class TrainStep {
  /** Holds the moving average of the weights, where the configuration wants one. */
  readonly average: Gpt | undefined;
  readonly #model: Gpt;
  readonly #optimizer: Optimizer;
  readonly #accumulators: readonly tf.Variable[];
  readonly #single: (...inputs: tf.Tensor[]) => tf.Tensor[];
  readonly #accumulate: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly #apply: (...inputs: tf.Tensor[]) => tf.Tensor;

  constructor(model: Gpt, config: TrainingConfig, compile: Compile = (fn) => fn) {
    this.#model = model;
    this.average = config.movingAverage === null ? undefined : copyModel(model);
    const learned = model.parameters.filter(({ trainable }) => trainable);
    const optimizer = new Optimizer(learned, config, this.average);
    this.#optimizer = optimizer;
    this.#accumulators = config.gradientAccumulation === 1 ? [] : learned.map(zerosOfShape);

    const { scalarCount } = optimizer;
    this.#single = compile((...inputs: tf.Tensor[]) =>
      tf.tidy(() => {
        const { loss, gradients } = this.#lossAndGradients(inputs.slice(scalarCount));
        return [loss, optimizer.update(gradients, inputs.slice(0, scalarCount))];
      }),
    );
    this.#accumulate = compile((...inputs: tf.Tensor[]) =>
      tf.tidy(() => {
        const { loss, gradients } = this.#lossAndGradients(inputs);
        for (const [index, sum] of this.#accumulators.entries()) sum.assign(tf.add(sum, gradients[index]!));
        return loss;
      }),
    );
    this.#apply = compile((...scalars: tf.Tensor[]) =>
      tf.tidy(() => {
        const gradients = this.#accumulators.map((sum) => tf.mul(sum, 1 / config.gradientAccumulation));
        const squaredNorms = optimizer.update(gradients, scalars);
        for (const sum of this.#accumulators) sum.assign(tf.zerosLike(sum));
        return squaredNorms;
      }),
    );
  }

  /** The learned parameters with their optimizer state. */
  get parameters(): readonly TrainedParameter[] {
    return this.#optimizer.parameters;
  }

  /** The model to evaluate and to sample from: the moving average where there is one. */
  get evaluated(): Gpt {
    return this.average ?? this.#model;
  }

  /**
   * Where the loss or a gradient is not finite, the weights stay as they were, so that what went wrong can still be found;
   * the optimizer's state and the moving average are spoiled.
   * @param step from 1 @param microBatches as many as `gradientAccumulation`
   */
  async run(step: number, microBatches: readonly MicroBatch[]): Promise<StepResult> {
    const scalars = this.#optimizer.scalars(step);
    // Not copies: further holders of the old values, which are dropped when the step was good.
    const before = this.parameters.map(({ variable }) => tf.clone(variable));
    let loss = 0;
    let squaredNorms: tf.Tensor;
    if (this.#accumulators.length === 0) {
      const batch = this.#batchTensors(microBatches[0]!);
      const [lossTensor, normTensor] = this.#single(...scalars, ...batch) as [tf.Tensor, tf.Tensor];
      squaredNorms = normTensor;
      loss = (await lossTensor.data())[0]!;
      tf.dispose([lossTensor, ...batch]);
    } else {
      for (const microBatch of microBatches) {
        const batch = this.#batchTensors(microBatch);
        const lossTensor = this.#accumulate(...batch);
        loss += (await lossTensor.data())[0]! / microBatches.length;
        tf.dispose([lossTensor, ...batch]);
      }
      squaredNorms = this.#apply(...scalars);
    }
    const byParameter = (await squaredNorms.data()) as Float32Array;
    tf.dispose([squaredNorms, ...scalars]);
    const gradientNorm = Math.sqrt(byParameter.reduce((sum, squared) => sum + squared, 0));
    const gradientNorms = Object.fromEntries(
      this.parameters.map(({ name }, index) => [name, Math.sqrt(byParameter[index]!)]),
    );
    const nonFinite = Object.keys(gradientNorms).filter((name) => !Number.isFinite(gradientNorms[name]));
    if (nonFinite.length > 0 || !Number.isFinite(loss)) {
      for (const [index, { variable }] of this.parameters.entries()) variable.assign(before[index]!);
    }
    tf.dispose(before);
    return { loss, learningRate: this.#optimizer.learningRate(step), gradientNorm, gradientNorms, nonFinite };
  }

  dispose(): void {
    this.#optimizer.dispose();
    this.average?.dispose();
    for (const sum of this.#accumulators) sum.dispose();
  }

  #batchTensors({ inputs, targets, dropoutMasks }: MicroBatch): tf.Tensor[] {
    const { context, width } = this.#model.config;
    const batch = inputs.length / context;
    return [
      tf.tensor2d(inputs, [batch, context], 'int32'),
      tf.tensor2d(targets, [batch, context], 'int32'),
      ...dropoutMasks.map((mask) => tf.tensor2d(mask, [inputs.length, width])),
    ];
  }

  #lossAndGradients([inputs, targets, ...masks]: tf.Tensor[]): { loss: tf.Scalar; gradients: tf.Tensor[] } {
    const { value, grads } = tf.variableGrads(
      () => this.#model.loss(inputs as tf.Tensor2D, targets as tf.Tensor2D, dropByMasks(masks as tf.Tensor2D[])),
      this.parameters.map(({ variable }) => variable),
    );
    return { loss: value, gradients: this.parameters.map(({ variable }) => grads[variable.name]!) };
  }
}
