import type { GradientTransform, Parameter } from '@dynact/nn';
import { createTransform, learningRate } from '@dynact/nn';
import type { Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingConfig } from '../config/schema.ts';
import { movingAverageDecay } from './moving-average.ts';

/** A learned parameter with its optimizer state. */
export interface TrainedParameter extends Pick<Parameter, 'name' | 'shape' | 'group' | 'learningRateMultiplier'> {
  readonly variable: tf.Variable;
  /** By slot name, of the parameter's shape. */
  readonly slots: ReadonlyMap<string, tf.Variable>;
}

/**
 * Moves parameters along their transformed gradients: `p <- p (1 - learningRate weightDecay) - learningRate update`,
 * with the gradients scaled down together where their global norm exceeds `gradientClip`.
 */
export class Optimizer {
  readonly parameters: readonly TrainedParameter[];
  readonly #config: TrainingConfig;
  readonly #transform: GradientTransform;
  readonly #scalarNames: readonly string[];
  readonly #averages: ReadonlyMap<string, tf.Variable>;

  /** @param average the model that holds the moving average of the weights, if there is one */
  constructor(parameters: readonly Parameter[], config: TrainingConfig, average?: Gpt) {
    this.#config = config;
    this.#transform = createTransform(config.optimizer);
    this.#scalarNames = Object.keys(this.#namedScalars(1));
    this.#averages = new Map(average?.parameters.map(({ name, variable }) => [name, variable]));
    this.parameters = parameters.map((parameter) => ({
      ...parameter,
      variable: parameter.variable,
      slots: new Map(this.#transform.slots(parameter).map((slot) => [slot, zerosOfShape(parameter)])),
    }));
  }

  /** How many scalars `update` takes. */
  get scalarCount(): number {
    return this.#scalarNames.length;
  }

  learningRate(step: number): number {
    const { optimizer, schedule, steps } = this.#config;
    return learningRate(schedule, optimizer.learningRate, step, steps);
  }

  /** What changes from step to step, for `update`; the caller disposes it. */
  scalars(step: number): tf.Scalar[] {
    const values = this.#namedScalars(step);
    return this.#scalarNames.map((name) => tf.scalar(values[name]!));
  }

  /**
   * Assigns the new parameters, slots and averages.
   * @param gradients one a parameter, in their order
   * @returns [parameters]: the squared norm of each gradient, before clipping
   */
  update(gradients: readonly tf.Tensor[], scalarTensors: readonly tf.Tensor[]): tf.Tensor1D {
    const { gradientClip, optimizer } = this.#config;
    const scalars = Object.fromEntries(
      this.#scalarNames.map((name, index) => [name, scalarTensors[index] as tf.Scalar]),
    );
    const squaredNorms = tf.stack(gradients.map((gradient) => tf.sum(tf.square(gradient)))) as tf.Tensor1D;
    // One factor for all parameters, at most 1: the gradient keeps its direction.
    const clip =
      gradientClip === null
        ? undefined
        : tf.minimum(tf.div(gradientClip, tf.add(tf.sqrt(tf.sum(squaredNorms)), 1e-6)), 1);
    const rate = scalars.learningRate!;
    const decayFactor = tf.sub(1, tf.mul(rate, optimizer.weightDecay));
    for (const [index, { variable, slots, ...parameter }] of this.parameters.entries()) {
      const gradient = clip === undefined ? gradients[index]! : tf.mul(gradients[index]!, clip);
      const next = this.#transform.apply(gradient, [...slots.values()], scalars, parameter);
      const multiplier = learningRateMultiplier(parameter, optimizer.activationLearningRateMultiplier);
      const scale = next.factor === undefined ? rate : tf.mul(rate, next.factor);
      const change = tf.mul(next.update, multiplier === 1 ? scale : tf.mul(scale, multiplier));
      const isDecayed = optimizer.weightDecay > 0 && hasWeightDecay(parameter, optimizer.decayEmbeddings);
      const moved = tf.sub(isDecayed ? tf.mul(variable, decayFactor) : variable, change);
      variable.assign(moved);
      for (const [slotIndex, slot] of [...slots.values()].entries()) slot.assign(next.slots[slotIndex]!);
      const average = this.#averages.get(parameter.name);
      average?.assign(tf.add(moved, tf.mul(tf.sub(average, moved), scalars.averageDecay!)));
    }
    return squaredNorms;
  }

  dispose(): void {
    for (const { slots } of this.parameters) for (const slot of slots.values()) slot.dispose();
  }

  #namedScalars(step: number): Record<string, number> {
    const { movingAverage } = this.#config;
    return {
      learningRate: this.learningRate(step),
      ...(movingAverage === null ? {} : { averageDecay: movingAverageDecay(movingAverage.decay, step) }),
      ...this.#transform.scalars(step),
    };
  }
}

function hasWeightDecay({ group }: Pick<Parameter, 'group'>, decayEmbeddings: boolean): boolean {
  return group === 'matrix' || group === 'output' || (group === 'embedding' && decayEmbeddings);
}

function learningRateMultiplier(
  { group, learningRateMultiplier }: Pick<Parameter, 'group' | 'learningRateMultiplier'>,
  ofActivations: number,
): number {
  return group === 'activation' ? learningRateMultiplier * ofActivations : learningRateMultiplier;
}

/** A variable of zeros. */
export function zerosOfShape({ shape }: Pick<Parameter, 'shape'>): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros([...shape]), false));
}
