import type { Compile, DropoutMasks, Gpt, Parameter } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingConfig } from '../config/schema.ts';
import { createUpdateRule } from '../optimizers/create-update-rule.ts';
import { learningRate } from '../optimizers/schedule.ts';
import type { UpdateRule } from '../optimizers/update-rule.ts';

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
}

/** A learned parameter with its optimizer state. */
export interface TrainedParameter extends Parameter {
  /** By slot name, of the parameter's shape. */
  readonly slots: ReadonlyMap<string, tf.Variable>;
}

/**
 * The optimizer's step over a model: gradients, clipping, update. Everything that changes from step to step is an input
 * of the compiled functions, so a run compiles once.
 */
export class TrainStep {
  readonly parameters: readonly TrainedParameter[];
  readonly #model: Gpt;
  readonly #config: TrainingConfig;
  readonly #rule: UpdateRule;
  readonly #scalarNames: readonly string[];
  readonly #accumulators: readonly tf.Variable[];
  readonly #single: (...inputs: tf.Tensor[]) => tf.Tensor[];
  readonly #accumulate: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly #apply: (...inputs: tf.Tensor[]) => tf.Tensor;

  constructor(model: Gpt, config: TrainingConfig, compile: Compile = (fn) => fn) {
    this.#model = model;
    this.#config = config;
    this.#rule = createUpdateRule(config.optimizer);
    this.#scalarNames = ['learningRate', ...Object.keys(this.#rule.scalars(1))];
    const learned = model.parameters.filter(({ trainable }) => trainable);
    this.parameters = learned.map((parameter) => ({
      ...parameter,
      slots: new Map(this.#rule.slots.map((slot) => [slot, zeros(parameter)])),
    }));
    this.#accumulators = config.gradientAccumulation === 1 ? [] : learned.map(zeros);

    const scalarCount = this.#scalarNames.length;
    this.#single = compile((...inputs: tf.Tensor[]) =>
      tf.tidy(() => {
        const { loss, gradients } = this.#lossAndGradients(inputs.slice(scalarCount));
        return [loss, this.#update(gradients, inputs.slice(0, scalarCount))];
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
        const norm = this.#update(gradients, scalars);
        for (const sum of this.#accumulators) sum.assign(tf.zerosLike(sum));
        return norm;
      }),
    );
  }

  /** @param step from 1 @param microBatches as many as `gradientAccumulation` */
  async run(step: number, microBatches: readonly MicroBatch[]): Promise<StepResult> {
    const { optimizer, schedule, steps } = this.#config;
    const rate = learningRate(schedule, optimizer.learningRate, step, steps);
    const values: Record<string, number> = { learningRate: rate, ...this.#rule.scalars(step) };
    const scalars = this.#scalarNames.map((name) => tf.scalar(values[name]!));
    let loss = 0;
    let norm: tf.Tensor;
    if (this.#accumulators.length === 0) {
      const batch = this.#batchTensors(microBatches[0]!);
      const [lossTensor, normTensor] = this.#single(...scalars, ...batch) as [tf.Tensor, tf.Tensor];
      norm = normTensor;
      loss = (await lossTensor.data())[0]!;
      tf.dispose([lossTensor, ...batch]);
    } else {
      for (const microBatch of microBatches) {
        const batch = this.#batchTensors(microBatch);
        const lossTensor = this.#accumulate(...batch);
        loss += (await lossTensor.data())[0]! / microBatches.length;
        tf.dispose([lossTensor, ...batch]);
      }
      norm = this.#apply(...scalars);
    }
    const gradientNorm = (await norm.data())[0]!;
    tf.dispose([norm, ...scalars]);
    return { loss, learningRate: rate, gradientNorm };
  }

  dispose(): void {
    for (const { slots } of this.parameters) for (const slot of slots.values()) slot.dispose();
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
      () => this.#model.loss(inputs as tf.Tensor2D, targets as tf.Tensor2D, masks as unknown as DropoutMasks),
      this.parameters.map(({ variable }) => variable),
    );
    return { loss: value, gradients: this.parameters.map(({ variable }) => grads[variable.name]!) };
  }

  /** Assigns the new parameters and slots. @returns the global norm of the gradients before clipping */
  #update(gradients: readonly tf.Tensor[], scalarTensors: readonly tf.Tensor[]): tf.Tensor {
    const { gradientClip, optimizer } = this.#config;
    const scalars = Object.fromEntries(
      this.#scalarNames.map((name, index) => [name, scalarTensors[index] as tf.Scalar]),
    );
    const norm = tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
    // One factor for all parameters, at most 1: the gradient keeps its direction.
    const clip = gradientClip === null ? undefined : tf.minimum(tf.div(gradientClip, tf.add(norm, 1e-6)), 1);
    const rate = scalars.learningRate!;
    const stepSize = tf.mul(rate, scalars.scale!);
    const decayFactor = tf.sub(1, tf.mul(rate, optimizer.weightDecay));
    for (const [index, { variable, slots, ...parameter }] of this.parameters.entries()) {
      const gradient = clip === undefined ? gradients[index]! : tf.mul(gradients[index]!, clip);
      const next = this.#rule.direction(gradient, [...slots.values()], scalars);
      const multiplier = learningRateMultiplier(parameter, optimizer.activationLearningRateMultiplier);
      const change = tf.mul(next.direction, multiplier === 1 ? stepSize : tf.mul(stepSize, multiplier));
      const isDecayed = optimizer.weightDecay > 0 && hasWeightDecay(parameter, optimizer.decayEmbeddings);
      variable.assign(tf.sub(isDecayed ? tf.mul(variable, decayFactor) : variable, change));
      for (const [slotIndex, slot] of [...slots.values()].entries()) slot.assign(next.slots[slotIndex]!);
    }
    return norm;
  }
}

function hasWeightDecay({ group }: Pick<Parameter, 'group'>, decayEmbeddings: boolean): boolean {
  return group === 'matrix' || (group === 'embedding' && decayEmbeddings);
}

function learningRateMultiplier(
  { group, learningRateMultiplier }: Pick<Parameter, 'group' | 'learningRateMultiplier'>,
  ofActivations: number,
): number {
  return group === 'activation' ? learningRateMultiplier * ofActivations : learningRateMultiplier;
}

function zeros({ shape }: Pick<Parameter, 'shape'>): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros([...shape]), false));
}
