import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../parameters.ts';
import type { GradientTransform, NamedTensors, StepScalars } from './gradient-transform.ts';
import { movingAverageDecay } from './moving-average.ts';

/** A second set of parameters of the same names, which follow the trained ones; whoever made them evaluates with them. */
export interface MovingAverage {
  readonly parameters: readonly Pick<Parameter, 'name' | 'variable'>[];
  /** Share of the average that stays at each step, from 0 to below 1. */
  readonly decay: number;
}

/** Applies a transform to parameters: keeps its state by name and assigns what it makes. */
export class Optimizer {
  /** The transform's state: by the parameter's name, then the slot's; tensors of the parameter's shape. */
  readonly state: Readonly<Record<string, Readonly<Record<string, tf.Variable>>>>;
  readonly #parameters: readonly Parameter[];
  readonly #transform: GradientTransform;
  readonly #average: MovingAverage | undefined;
  readonly #averages: ReadonlyMap<string, tf.Variable>;

  constructor(parameters: readonly Parameter[], transform: GradientTransform, average?: MovingAverage) {
    this.#parameters = parameters;
    this.#transform = transform;
    this.#average = average;
    this.#averages = new Map(average?.parameters.map(({ name, variable }) => [name, variable]));
    this.state = Object.fromEntries(
      parameters.map((parameter) => [parameter.name, initialState(parameter, transform)]),
    );
  }

  /** The numbers that change from step to step, for `update`. */
  scalars(step: number): StepScalars {
    const average = this.#average;
    return {
      ...this.#transform.scalars(step),
      ...(average === undefined ? {} : { averageDecay: movingAverageDecay(average.decay, step) }),
    };
  }

  /**
   * Assigns new parameters, state and averages.
   * @param gradients one for each parameter, by its name
   * @param scalars those of the step, as tensors
   * @returns [parameters]: the squared norm of each gradient, before the transform
   */
  update(gradients: NamedTensors, scalars: NamedTensors<tf.Scalar>): tf.Tensor1D {
    const ordered = this.#parameters.map(({ name }) => gradients[name]!);
    const squaredNorms = tf.stack(ordered.map((gradient) => tf.sum(tf.square(gradient)))) as tf.Tensor1D;
    const gradientNorm: tf.Scalar = tf.sqrt(tf.sum(squaredNorms));
    for (const [index, parameter] of this.#parameters.entries()) {
      const { name, variable } = parameter;
      const state = this.state[name]!;
      const context = { parameter, value: variable, scalars, gradientNorm };
      const next = this.#transform.update({ update: ordered[index]! }, state, context);
      const { update, factor, decay } = next.direction;
      const change = factor === undefined ? update : tf.mul(update, factor);
      const kept = decay === undefined ? variable : tf.mul(variable, tf.sub(1, decay));
      const moved = tf.sub(kept, change);
      variable.assign(moved);
      for (const [slot, value] of Object.entries(next.state)) state[slot]!.assign(value);
      const average = this.#averages.get(name);
      average?.assign(tf.add(moved, tf.mul(tf.sub(average, moved), scalars.averageDecay!)));
    }
    return squaredNorms;
  }

  dispose(): void {
    for (const slots of Object.values(this.state)) tf.dispose(slots);
  }
}

function initialState(parameter: Parameter, transform: GradientTransform): Record<string, tf.Variable> {
  const shape = [...parameter.shape];
  const filled = (value: number) => new Float32Array(tf.util.sizeFromShape(shape)).fill(value);
  const slots = Object.entries(transform.init(parameter));
  return Object.fromEntries(
    slots.map(([slot, value]) => [slot, tf.tidy(() => tf.variable(tf.tensor(filled(value), shape), false))]),
  );
}
