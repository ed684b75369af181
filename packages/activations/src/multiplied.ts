import type { Tensor } from '@tensorflow/tfjs-core';
import type { ActivationParameter } from './activation.ts';
import { clone, customGrad, mul } from './operations.ts';

/*
 * A learning rate of a parameter's own under any optimizer of TensorFlow.js, none of which has one: the variable holds the raw
 * value divided by the multiplier and takes the raw value's gradient as it is, so that each step of the optimizer
 * moves the raw value `multiplier` times as far. Multiplied gradients would do that for SGD alone: Adam divides by their size.
 */

type Multiplied = Pick<ActivationParameter, 'learningRateMultiplier'>;

/** Whether the variable holds another number than the raw value. A multiplier of 0 keeps the raw value, and no optimizer moves it. */
export function isDivided({ learningRateMultiplier }: Multiplied): boolean {
  return learningRateMultiplier !== 0 && learningRateMultiplier !== 1;
}

/** Whether an optimizer may move the variable. */
export function isMoved({ trainable, learningRateMultiplier }: ActivationParameter): boolean {
  return trainable && learningRateMultiplier > 0;
}

/** The variable's numbers, of raw ones. */
export function divided(parameter: Multiplied, raw: ArrayLike<number>): Float32Array {
  const by = isDivided(parameter) ? parameter.learningRateMultiplier : 1;
  return Float32Array.from(raw, (value) => value / by);
}

/** The raw value, of the variable; what it gives may be the variable itself. */
export function multiplied(parameter: Multiplied, variable: Tensor): Tensor {
  if (!isDivided(parameter)) return variable;
  const operation = customGrad((variable) => ({
    value: mul(variable as Tensor, parameter.learningRateMultiplier),
    // Backpropagation disposes of what it passed in.
    gradFunc: (upstream: Tensor) => clone(upstream),
  }));
  return operation(variable);
}
