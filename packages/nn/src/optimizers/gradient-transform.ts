import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../parameters.ts';

/** A parameter as a transform sees it. */
export type TransformedParameter = Pick<Parameter, 'name' | 'shape' | 'group' | 'learningRateMultiplier'>;

/** Numbers that a transform needs in a step, by name. */
export type StepScalars = Readonly<Record<string, number>>;

/** Tensors by the name of what they are: a slot, a number of the step. */
export type NamedTensors<T extends tf.Tensor = tf.Tensor> = Readonly<Record<string, T>>;

/**
 * Where a parameter is to go, as a sum that nobody has multiplied out: `factor update + decay parameter`. The parameter
 * moves against it, `p <- p (1 - decay) - factor update`, in one pass, whatever scaled the direction before.
 */
export interface Direction {
  /** A tensor of the parameter's shape. */
  readonly update: tf.Tensor;
  /** 1 where it is absent. */
  readonly factor?: tf.Scalar;
  /** 0 where it is absent. */
  readonly decay?: tf.Scalar;
}

/** Everything that a transform sees beside the direction. */
export interface TransformContext {
  readonly parameter: TransformedParameter;
  /** The parameter before the step. */
  readonly value: tf.Tensor;
  /** This transform's numbers of the step. */
  readonly scalars: NamedTensors<tf.Scalar>;
  /** Global L2 norm of all gradients as they came from the loss. */
  readonly gradientNorm: tf.Scalar;
}

/**
 * A step on the way from a gradient to the direction in which a parameter moves, with optax's algebra: `init` and
 * `update`, put together by `chain` and `partition`. Transforms hold no tensors: the optimizer keeps their state by name,
 * and numbers that change from step to step are fed, so that a new value recompiles nothing.
 */
export interface GradientTransform {
  /** The state kept for a parameter: by the slot's name, the initial value of a tensor of the parameter's shape. */
  init(parameter: TransformedParameter): StepScalars;
  /** The numbers of step `step` (from 1); every step has the same names. */
  scalars(step: number): StepScalars;
  /** @returns the new direction, and the new value of each slot of `init` */
  update(
    direction: Direction,
    state: NamedTensors,
    context: TransformContext,
  ): { readonly direction: Direction; readonly state: NamedTensors };
}

/** A transform that makes a new update of the multiplied-out direction, with the same state for every parameter. */
export function rule(definition: {
  slots?: readonly string[];
  scalars?: (step: number) => StepScalars;
  update: (
    gradient: tf.Tensor,
    state: NamedTensors,
    context: TransformContext,
  ) => { readonly update: tf.Tensor; readonly factor?: tf.Scalar; readonly state: NamedTensors };
}): GradientTransform {
  const { slots = [], scalars = () => ({}), update } = definition;
  return {
    init: () => Object.fromEntries(slots.map((slot) => [slot, 0])),
    scalars,
    update(given, state, context) {
      const { state: next, ...direction } = update(multipliedOut(given, context.value), state, context);
      return { direction, state: next };
    },
  };
}

function multipliedOut({ update, factor, decay }: Direction, value: tf.Tensor): tf.Tensor {
  const scaled = factor === undefined ? update : tf.mul(update, factor);
  return decay === undefined ? scaled : tf.add(scaled, tf.mul(value, decay));
}

/** A transform without state that changes a direction's scalars and leaves its tensors alone. */
export function scaling(definition: {
  scalars?: (step: number) => StepScalars;
  scale: (direction: Direction, context: TransformContext) => Direction;
}): GradientTransform {
  const { scalars = () => ({}), scale } = definition;
  return {
    init: () => ({}),
    scalars,
    update: (direction, _, context) => ({ direction: scale(direction, context), state: {} }),
  };
}

/** The product of a factor, where there is one yet, and another. */
export function product(scalar: tf.Scalar | undefined, factor: tf.Scalar): tf.Scalar {
  return scalar === undefined ? factor : tf.mul(scalar, factor);
}
