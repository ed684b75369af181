import { clone, customGrad, type GradSaveFunc, mul, scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { InputError } from './errors.ts';
import { isRecording } from './tensors.ts';

/** What a forward pass computed: f(x), and intermediate results that the gradient can use again. */
export interface Computed {
  readonly value: Tensor;
  readonly reuse: readonly Tensor[];
}

export interface RuleGradients {
  /** Gradient of x, of x's shape. */
  readonly x: Tensor;
  /** One gradient for each parameter, of its shape. */
  readonly parameters: readonly Tensor[];
}

/** An activation f(x; parameters) with its closed-form gradient. */
export interface Rule {
  forward(x: Tensor, parameters: readonly Tensor[]): Computed;
  /** `upstream` is the gradient of f(x). A parameter that `needed` marks false takes no gradient and may get zeros. */
  backward(
    upstream: Tensor,
    x: Tensor,
    parameters: readonly Tensor[],
    computed: Computed,
    needed: readonly boolean[],
  ): RuleGradients;
}

/** A number is a constant; a tensor, a scalar or one value per channel (x's last axis), takes a gradient. */
export type Parameter = number | Tensor;

/**
 * f(x) as one differentiable operation.
 *
 * @param x float32, any shape
 * @param frozen true computes no gradient for the parameters
 * @throws InputError when x is not float32 or a parameter does not fit x's last axis
 */
export function applyRule(
  name: string,
  rule: Rule,
  x: Tensor,
  parameters: readonly Parameter[] = [],
  frozen = false,
): Tensor {
  checkFloat(name, 'x', x);
  const needed = parameters.map((parameter) => !frozen && typeof parameter !== 'number');
  return tidy(() => {
    const operation = customGrad((...inputs) => {
      const [tensors, save] = splitInputs(inputs);
      const [x, ...parameters] = tensors as [Tensor, ...Tensor[]];
      const computed = rule.forward(x, parameters);
      save([...tensors, computed.value, ...computed.reuse]);
      const gradFunc = (upstream: Tensor, saved: Tensor[]) =>
        tidy(() => {
          const [x, ...rest] = saved as [Tensor, ...Tensor[]];
          const parameters = rest.slice(0, needed.length);
          const computed = computedOf(rule, x, parameters, rest.slice(needed.length));
          const gradients = rule.backward(upstream, x, parameters, computed, needed);
          // Backpropagation disposes of what it passed in, so nothing may be handed back as it came.
          return [own(gradients.x, upstream), ...gradients.parameters];
        });
      return { value: own(computed.value, x), gradFunc };
    });
    return operation(x, ...parameterTensors(name, x, parameters));
  });
}

/**
 * f(gate) * value as one differentiable operation: the middle of a gated feed-forward block.
 *
 * @param gate float32, any shape
 * @param value float32, of the gate's shape
 * @throws InputError when the two differ in shape, are not float32, or a parameter does not fit the last axis
 */
export function gateRule(
  name: string,
  rule: Rule,
  gate: Tensor,
  value: Tensor,
  parameters: readonly Parameter[] = [],
  frozen = false,
): Tensor {
  checkFloat(name, 'gate', gate);
  checkFloat(name, 'value', value);
  if (gate.shape.length !== value.shape.length || gate.shape.some((size, axis) => size !== value.shape[axis])) {
    throw new InputError(`${name}: gate [${gate.shape}] and value [${value.shape}] must have the same shape`);
  }
  const needed = parameters.map((parameter) => !frozen && typeof parameter !== 'number');
  return tidy(() => {
    const operation = customGrad((...inputs) => {
      const [tensors, save] = splitInputs(inputs);
      const [gate, value, ...parameters] = tensors as [Tensor, Tensor, ...Tensor[]];
      const computed = rule.forward(gate, parameters);
      save([...tensors, computed.value, ...computed.reuse]);
      const gradFunc = (upstream: Tensor, saved: Tensor[]) =>
        tidy(() => {
          const [gate, value, ...rest] = saved as [Tensor, Tensor, ...Tensor[]];
          const parameters = rest.slice(0, needed.length);
          const computed = computedOf(rule, gate, parameters, rest.slice(needed.length));
          const gradients = rule.backward(mul(upstream, value), gate, parameters, computed, needed);
          return [gradients.x, mul(upstream, computed.value), ...gradients.parameters];
        });
      return { value: mul(computed.value, value), gradFunc };
    });
    return operation(gate, value, ...parameterTensors(name, gate, parameters));
  });
}

/** customGrad passes the tensors and, last, the function that saves what the gradient needs. */
function splitInputs(inputs: readonly (Tensor | GradSaveFunc)[]): [Tensor[], GradSaveFunc] {
  return [inputs.slice(0, -1) as Tensor[], inputs.at(-1) as GradSaveFunc];
}

/**
 * The forward pass's results inside a gradient. While an outer gradient records, they are computed again from the
 * saved inputs: TensorFlow.js links a saved input to its origin, but not a saved result, so a second derivative
 * would silently lose every path that goes through one.
 */
function computedOf(rule: Rule, x: Tensor, parameters: readonly Tensor[], saved: readonly Tensor[]): Computed {
  if (isRecording()) return rule.forward(x, parameters);
  const [value, ...reuse] = saved as [Tensor, ...Tensor[]];
  return { value, reuse };
}

function own(result: Tensor, input: Tensor): Tensor {
  return result === input ? clone(result) : result;
}

function checkFloat(name: string, argument: string, tensor: Tensor): void {
  if (tensor.dtype !== 'float32') {
    throw new InputError(`${name}: ${argument} is ${tensor.dtype}; cast it to float32 first`);
  }
}

function parameterTensors(name: string, x: Tensor, parameters: readonly Parameter[]): Tensor[] {
  const channels = x.shape.at(-1) ?? 1;
  return parameters.map((parameter) => {
    if (typeof parameter === 'number') return scalar(parameter);
    if (parameter.rank > 1 || (parameter.rank === 1 && parameter.shape[0] !== channels)) {
      throw new InputError(
        `${name}: a parameter of shape [${parameter.shape}] does not fit x of shape [${x.shape}]; ` +
          `use a scalar or one value per channel, [${channels}]`,
      );
    }
    return parameter;
  });
}
