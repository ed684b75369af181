import type { Tensor } from '@tensorflow/tfjs-core';
import { InputError } from './errors.ts';
import { add, clone, softplus, tidy } from './operations.ts';
import { type Forward, gated, operate, operateForward, type Rule } from './rule.ts';

/** A trainable parameter of an activation, before it has a tensor. */
export interface ActivationParameter {
  readonly name: string;
  /** [] for one value per layer, [channels] for one per channel. */
  readonly shape: readonly number[];
  /** Raw initial values (what the tensor holds, before reparametrization), as many as the shape says. `random` is uniform in [0, 1). */
  initialize(random: () => number): Float32Array;
  /** False when the parameter keeps its initial value. */
  readonly trainable: boolean;
  /** Factor on the optimizer's learning rate. Weight decay is never meant for these: it would pull alpha to 0, not to its neutral value. */
  readonly learningRateMultiplier: number;
}

/** An activation with resolved options. It holds no tensor: parameters are passed in by name, as raw values. */
export interface Activation {
  readonly name: string;
  /** Every option with its resolved value; JSON-serializable. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly parameters: readonly ActivationParameter[];
  /** f(x). x is float32 of any shape; channels are its last axis. */
  apply(x: Tensor, parameters: Readonly<Record<string, Tensor>>): Tensor;
  /** f(gate) * value as one operation; gate and value have the same shape. */
  gate(gate: Tensor, value: Tensor, parameters: Readonly<Record<string, Tensor>>): Tensor;
  /** The readable values of the parameters: what the formula sees after reparametrization. The caller owns the tensors. */
  values(parameters: Readonly<Record<string, Tensor>>): Record<string, Tensor>;
}

/** How a parameter begins, how it is kept in bounds, and what it does. */
export interface ParameterDefinition {
  /** The same for every element, or a draw for each from numbers that are uniform in [0, 1). */
  readonly initial: number | ((random: () => number) => number);
  /** The formula's value is softplus(raw) + above, so that it stays greater than `above`. */
  readonly above?: number;
  readonly meaning?: string;
}

export type ParameterDefinitions = Readonly<Record<string, ParameterDefinition>>;

/** Options that every trainable activation takes. */
export interface ParameterOptions {
  /** One value per layer (default) or one per channel. */
  scope?: 'layer' | 'channel' | undefined;
  /** Keeps the parameters, or those of these names, at their initial values (default false). */
  frozen?: boolean | readonly string[] | undefined;
  /** Multiplies the optimizer's learning rate for these parameters (default 1). */
  learningRateMultiplier?: number | undefined;
}

export interface ActivationContext {
  /** Size of the last axis; required for scope 'channel'. */
  channels?: number | undefined;
}

interface ResolvedActivation {
  readonly name: string;
  readonly rule: Rule | Forward;
  readonly parameters: ParameterDefinitions;
  /** Resolved options other than `ParameterOptions`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Makes an activation of a rule and the definitions of its parameters.
 *
 * @throws InputError for an initial value out of its bounds, a wrong multiplier, or missing channels
 */
export function makeActivation(
  { name, rule, parameters: definitions, options }: ResolvedActivation,
  { scope = 'layer', frozen = false, learningRateMultiplier = 1 }: ParameterOptions = {},
  context: ActivationContext = {},
): Activation {
  const shape = scope === 'channel' ? [channelsOf(name, context)] : [];
  if (!(Number.isFinite(learningRateMultiplier) && learningRateMultiplier >= 0)) {
    throw new InputError(`${name}: learningRateMultiplier is ${learningRateMultiplier}; it must be a number >= 0`);
  }
  const named = Object.entries(definitions);
  const trains = named.map(([parameter]) => (typeof frozen === 'boolean' ? !frozen : !frozen.includes(parameter)));
  for (const [parameter, definition] of named) checkInitial(name, parameter, definition);

  const readable = (parameters: Readonly<Record<string, Tensor>>): Tensor[] =>
    named.map(([parameter, { above }]) => {
      const raw = parameters[parameter];
      if (raw === undefined) {
        const expected = Object.keys(definitions).join(', ');
        throw new InputError(`${name}: parameter "${parameter}" is missing; it takes ${expected}`);
      }
      if (raw.rank !== shape.length || (raw.rank === 1 && raw.shape[0] !== shape[0])) {
        throw new InputError(
          `${name}: parameter "${parameter}" has shape [${raw.shape}]; with scope "${scope}" it must be [${shape}]`,
        );
      }
      return above === undefined ? raw : positive(raw, above);
    });

  const run = (inputs: readonly Tensor[], parameters: Readonly<Record<string, Tensor>>): Tensor =>
    tidy(() => {
      const tensors = readable(parameters);
      if ('backward' in rule) return operate(name, rule, inputs, tensors, trains);
      return operateForward(name, rule, inputs, tensors);
    });

  return {
    name,
    options: { ...options, ...(named.length === 0 ? {} : { scope, frozen, learningRateMultiplier }) },
    parameters: named.map(([name, definition], index) => ({
      name,
      shape,
      initialize: (random) => rawValues(definition, shape[0] ?? 1, random),
      trainable: trains[index]!,
      learningRateMultiplier,
    })),
    apply: (x, parameters) => run([x], parameters),
    gate: (gate, value, parameters) => run(gated(name, gate, value), parameters),
    values: (parameters) =>
      tidy(() => {
        const values = readable(parameters);
        return Object.fromEntries(named.map(([name], index) => [name, clone(values[index]!)]));
      }),
  };
}

function positive(raw: Tensor, above: number): Tensor {
  return above === 0 ? softplus(raw) : add(softplus(raw), above);
}

function channelsOf(name: string, { channels }: ActivationContext): number {
  if (channels === undefined || !Number.isInteger(channels) || channels < 1) {
    throw new InputError(
      `${name}: scope "channel" needs channels, the size of the last axis, as an integer >= 1; it is ${channels}`,
    );
  }
  return channels;
}

function checkInitial(name: string, parameter: string, { initial, above }: ParameterDefinition): void {
  if (typeof initial === 'function') return;
  if (!Number.isFinite(initial) || (above !== undefined && initial <= above)) {
    const allowed = above === undefined ? 'a finite number' : `a finite number > ${above}`;
    throw new InputError(`${name}: ${parameter} is ${initial}; it must be ${allowed}`);
  }
}

function rawValues({ initial, above }: ParameterDefinition, size: number, random: () => number): Float32Array {
  return Float32Array.from({ length: size }, () => {
    const value = typeof initial === 'number' ? initial : initial(random);
    return above === undefined ? value : inverseSoftplus(value - above);
  });
}

/** The raw value whose softplus is `value` > 0. */
function inverseSoftplus(value: number): number {
  return value + Math.log(-Math.expm1(-value));
}
