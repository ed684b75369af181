import * as tf from '@tensorflow/tfjs-core';
import { normalValues, type UniformStream, uniformStream } from './random.ts';
import { sizeFromShape } from './shape.ts';

/** What a parameter is, for weight decay, learning rates and counts. */
export type ParameterGroup = 'matrix' | 'output' | 'embedding' | 'norm' | 'bias' | 'activation';

/** A parameter before it has values. */
export interface ParameterSpecification {
  readonly name: string;
  readonly shape: readonly number[];
  readonly group: ParameterGroup;
  /** False for an activation's frozen parameter. */
  readonly trainable: boolean;
  /** Of the learning rate, for this parameter. */
  readonly learningRateMultiplier: number;
  /** Start values in row-major order, from the parameter's own random stream. */
  start(uniform: UniformStream): Float32Array;
}

/** A parameter with its values. */
export interface Parameter extends ParameterSpecification {
  readonly variable: tf.Variable;
}

/** The tensors of a model by parameter name. */
export class ParameterTensors {
  readonly #tensors: ReadonlyMap<string, tf.Tensor>;

  constructor(tensors: ReadonlyMap<string, tf.Tensor>) {
    this.#tensors = tensors;
  }

  /** @throws Error when no parameter has that name; names are fixed by the architecture, so it is a fault of the code. */
  get(name: string): tf.Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Error(`no parameter named ${name}`);
    return tensor;
  }

  find(name: string): tf.Tensor | undefined {
    return this.#tensors.get(name);
  }
}

/** Variables with the start values of `seed`; each parameter draws from a stream of its own name. */
export function createParameters(specifications: readonly ParameterSpecification[], seed: number): Parameter[] {
  return specifications.map((specification) => {
    const values = specification.start(uniformStream(seed, `parameter/${specification.name}`));
    const shape = [...specification.shape];
    const variable = tf.tidy(() => tf.variable(tf.tensor(values, shape), specification.trainable));
    return { ...specification, variable };
  });
}

/** Weight [inputs, outputs], normal, and where the model has biases, bias [outputs], zero. */
export function linearParameters(
  name: string,
  options: { inputs: number; outputs: number; standardDeviation: number; bias: boolean },
): ParameterSpecification[] {
  const { inputs, outputs, standardDeviation, bias } = options;
  const weight = normalParameter(`${name}.weight`, [inputs, outputs], 'matrix', standardDeviation);
  return bias ? [weight, constantParameter(`${name}.bias`, [outputs], 'bias', 0)] : [weight];
}

/** Values of N(0, standardDeviation^2) at the start. */
export function normalParameter(
  name: string,
  shape: readonly number[],
  group: ParameterGroup,
  standardDeviation: number,
): ParameterSpecification {
  const size = sizeFromShape(shape);
  return learnedParameter(name, shape, group, (uniform) => normalValues(uniform, size, standardDeviation));
}

/** One value everywhere at the start. */
export function constantParameter(
  name: string,
  shape: readonly number[],
  group: ParameterGroup,
  value: number,
): ParameterSpecification {
  const size = sizeFromShape(shape);
  return learnedParameter(name, shape, group, () => new Float32Array(size).fill(value));
}

function learnedParameter(
  name: string,
  shape: readonly number[],
  group: ParameterGroup,
  start: ParameterSpecification['start'],
): ParameterSpecification {
  return { name, shape, group, trainable: true, learningRateMultiplier: 1, start };
}
