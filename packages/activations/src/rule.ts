import type { GradSaveFunc, Tensor } from '@tensorflow/tfjs-core';
import { InputError } from './errors.ts';
import { clone, customGrad, mul, scalar, tidy } from './operations.ts';
import { isRecording } from './tensors.ts';

/** Results of a forward pass: f(x), and intermediate results that the gradient can use again. */
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

/** An activation f(x; parameters), which TensorFlow.js can differentiate. */
export interface Forward {
  forward(x: Tensor, parameters: readonly Tensor[]): Computed;
}

/** An activation f(x; parameters) with its closed-form gradient. */
export interface Rule extends Forward {
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
export type NumberOrTensor = number | Tensor;

/**
 * f(x) as one differentiable operation.
 *
 * @param x float32, any shape
 * @throws InputError when x is not float32 or a parameter does not fit x's last axis
 */
export function applyRule(name: string, rule: Rule, x: Tensor, parameters: readonly NumberOrTensor[] = []): Tensor {
  return operate(name, rule, [x], parameters);
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
  parameters: readonly NumberOrTensor[] = [],
): Tensor {
  return operate(name, rule, gated(name, gate, value), parameters);
}

/**
 * The two inputs of a gate.
 *
 * @throws InputError when they differ in shape
 */
export function gated(name: string, gate: Tensor, value: Tensor): [gate: Tensor, value: Tensor] {
  if (gate.shape.join() !== value.shape.join()) {
    throw new InputError(`${name}: gate [${gate.shape}] and value [${value.shape}] must have the same shape`);
  }
  return [gate, value];
}

/** f(x), or f(x) * value when there are two inputs, with the closed-form gradient of every tensor that goes in, of the parameters where it is needed. */
export function operate(
  name: string,
  rule: Rule,
  inputs: readonly Tensor[],
  parameters: readonly NumberOrTensor[],
  needed: readonly boolean[] = parameters.map((parameter) => typeof parameter !== 'number'),
): Tensor {
  return tidy(() => {
    const operation = customGrad((...inputsAndSave) => {
      const tensors = inputsAndSave.slice(0, -1) as Tensor[];
      const save = inputsAndSave.at(-1) as GradSaveFunc;
      const [x, value, parameters] = split(tensors, inputs.length);
      const computed = rule.forward(x, parameters);
      save([...tensors, computed.value, ...computed.reuse]);
      const gradFunc = (upstream: Tensor, saved: Tensor[]) =>
        tidy(() => {
          const [x, value, parameters] = split(saved.slice(0, tensors.length), inputs.length);
          const computed = computedOf(rule, x, parameters, saved.slice(tensors.length));
          const inner = value === undefined ? upstream : mul(upstream, value);
          const gradients = rule.backward(inner, x, parameters, computed, needed);
          const ofValue = value === undefined ? [] : [mul(upstream, computed.value)];
          // Backpropagation disposes of what it passed in, so upstream may not be handed back as it came.
          return [own(gradients.x, upstream), ...ofValue, ...gradients.parameters];
        });
      return { value: value === undefined ? own(computed.value, x) : mul(computed.value, value), gradFunc };
    });
    return operation(...inputs, ...parameterTensors(name, inputs, parameters));
  });
}

/** As `operate`, with the gradient that TensorFlow.js works out. */
export function operateForward(
  name: string,
  { forward }: Forward,
  inputs: readonly Tensor[],
  parameters: readonly Tensor[],
): Tensor {
  const [x, value] = inputs;
  const result = forward(x!, parameterTensors(name, inputs, parameters)).value;
  return value === undefined ? clone(result) : mul(result, value);
}

/** [x, value of a gate, parameters] */
function split(tensors: readonly Tensor[], inputs: number): [Tensor, Tensor | undefined, Tensor[]] {
  return [tensors[0]!, inputs > 1 ? tensors[1] : undefined, tensors.slice(inputs)];
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

/** A result that is not the input itself: whoever gets it may dispose of it. */
function own(result: Tensor, input: Tensor): Tensor {
  return result === input ? clone(result) : result;
}

function parameterTensors(name: string, inputs: readonly Tensor[], parameters: readonly NumberOrTensor[]): Tensor[] {
  for (const { dtype } of inputs) {
    if (dtype !== 'float32') throw new InputError(`${name}: an input is ${dtype}; cast it to float32 first`);
  }
  const { shape } = inputs[0]!;
  const channels = shape.at(-1) ?? 1;
  return parameters.map((parameter) => {
    if (typeof parameter === 'number') return scalar(parameter);
    if (parameter.rank > 1 || (parameter.rank === 1 && parameter.shape[0] !== channels)) {
      throw new InputError(
        `${name}: a parameter of shape [${parameter.shape}] does not fit x of shape [${shape}]; ` +
          `use a scalar or one value per channel, [${channels}]`,
      );
    }
    return parameter;
  });
}
