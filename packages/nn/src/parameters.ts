import * as tf from '@tensorflow/tfjs-core';
import { normalValues, type UniformStream, uniformStream } from './random.ts';

/** The part that a parameter plays, for weight decay, learning rates and counts. */
export type ParameterGroup = 'matrix' | 'output' | 'embedding' | 'norm' | 'bias' | 'activation';

interface ParameterDescription {
  readonly name: string;
  readonly shape: readonly number[];
  readonly group: ParameterGroup;
  /** False for an activation's frozen parameter. */
  readonly trainable?: boolean;
  /** Factor on the learning rate of this parameter. */
  readonly learningRateMultiplier?: number;
  /** Initial values in row-major order, from the parameter's own random stream. */
  readonly initialize: (uniform: UniformStream, size: number) => Float32Array;
}

/** A named array of a model. It has a shape at once and values from `create` on, so that counting a model makes none. */
export class Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly group: ParameterGroup;
  readonly trainable: boolean;
  readonly learningRateMultiplier: number;
  readonly #initialize: ParameterDescription['initialize'];
  #variable: tf.Variable | undefined;

  constructor(description: ParameterDescription) {
    this.name = description.name;
    this.shape = description.shape;
    this.group = description.group;
    this.trainable = description.trainable ?? true;
    this.learningRateMultiplier = description.learningRateMultiplier ?? 1;
    this.#initialize = description.initialize;
  }

  get size(): number {
    return tf.util.sizeFromShape([...this.shape]);
  }

  /** The values. @throws Error before `create`: a fault of the code, not of its input */
  get variable(): tf.Variable {
    if (this.#variable === undefined) throw new Error(`${this.name} has no values yet: create it first`);
    return this.#variable;
  }

  /** Initial values, drawn from the stream of `seed` and this name. */
  initialValues(seed: number): Float32Array {
    return this.#initialize(uniformStream(seed, `parameter/${this.name}`), this.size);
  }

  /** Makes the variable. @param initial a seed, or the values themselves in row-major order */
  create(initial: number | Float32Array): void {
    const values = typeof initial === 'number' ? this.initialValues(initial) : initial;
    this.#variable = tf.tidy(() => tf.variable(tf.tensor(values, [...this.shape]), this.trainable));
  }

  dispose(): void {
    this.#variable?.dispose();
    this.#variable = undefined;
  }
}

/** Initial values of N(0, standardDeviation^2). */
export function normalParameter(
  name: string,
  shape: readonly number[],
  group: ParameterGroup,
  standardDeviation: number,
): Parameter {
  const initialize = (uniform: UniformStream, size: number) => normalValues(uniform, size, standardDeviation);
  return new Parameter({ name, shape, group, initialize });
}

/** One initial value everywhere. */
export function constantParameter(
  name: string,
  shape: readonly number[],
  group: ParameterGroup,
  value: number,
): Parameter {
  const initialize = (_: UniformStream, size: number) => new Float32Array(size).fill(value);
  return new Parameter({ name, shape, group, initialize });
}
