import type * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../parameters.ts';

/** What a transform may know of the parameter whose gradient it is given. */
export type OptimizedParameter = Pick<Parameter, 'name' | 'shape' | 'group'>;

/** Numbers that a transform needs in a step, by name. */
export type StepScalars = Readonly<Record<string, number>>;

/** What a transform makes of a gradient: `factor` times `update`. */
export interface Transformed {
  /** Of the parameter's shape. */
  readonly update: tf.Tensor;
  /** Left to whoever multiplies the update anyway, so that it costs no pass over the parameter. */
  readonly factor?: tf.Scalar;
  /** The new state, in the order of `slots`. */
  readonly slots: readonly tf.Tensor[];
}

/**
 * A step on the way from a gradient to the direction in which a parameter is moved. Transforms hold no tensors: their
 * state is kept by the optimizer, and numbers that change from step to step are fed, so a new value recompiles nothing.
 */
export interface GradientTransform {
  /** Names of the state kept for a parameter: tensors of its shape, zero at the start. */
  slots(parameter: OptimizedParameter): readonly string[];
  /** The numbers of step `step` (from 1); every step has the same names. */
  scalars(step: number): StepScalars;
  apply(
    gradient: tf.Tensor,
    slots: readonly tf.Tensor[],
    scalars: Readonly<Record<string, tf.Scalar>>,
    parameter: OptimizedParameter,
  ): Transformed;
}

/** A transform whose state and numbers are the same for every parameter. */
export function transform(definition: {
  slots?: readonly string[];
  scalars?: (step: number) => StepScalars;
  apply: GradientTransform['apply'];
}): GradientTransform {
  const { slots = [], scalars = () => ({}), apply } = definition;
  return { slots: () => slots, scalars, apply };
}
