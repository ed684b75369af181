import type { Tensor } from '@tensorflow/tfjs-core';
import { InputError } from './errors.ts';
import { add, clone, softplus, tidy } from './operations.ts';
import { applyRule, gateRule, type Rule } from './rule.ts';

/** A trainable parameter of an activation, before it has a tensor. */
export interface ActivationParameter {
  readonly name: string;
  /** [] for one value per layer, [channels] for one per channel. */
  readonly shape: readonly number[];
  /** Raw start values (what the tensor holds, before reparametrisation), as many as the shape says. `random` is uniform in [0, 1). */
  start(random: () => number): Float32Array;
  /** False when the parameter keeps its start value. */
  readonly trainable: boolean;
  /** For optimizers: how this parameter differs from a weight matrix. */
  readonly hints: ParameterHints;
}

export interface ParameterHints {
  /** Activation parameters are not decayed: decay would pull alpha to 0, not to its neutral value. */
  readonly weightDecay: 0;
  /** Multiplies the optimizer's learning rate for this parameter. */
  readonly learningRateMultiplier: number;
}

/** An activation with resolved options. It holds no tensor: parameters are passed in by name, as raw values. */
export interface Activation {
  readonly name: string;
  /** Every option with its resolved value; JSON-serialisable. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly parameters: readonly ActivationParameter[];
  /** f(x). x is float32 of any shape; channels are its last axis. */
  apply(x: Tensor, parameters: Readonly<Record<string, Tensor>>): Tensor;
  /** f(gate) * value as one operation; gate and value have the same shape. */
  gate(gate: Tensor, value: Tensor, parameters: Readonly<Record<string, Tensor>>): Tensor;
  /** The readable values of the parameters: what the formula sees after reparametrisation. The caller owns the tensors. */
  values(parameters: Readonly<Record<string, Tensor>>): Record<string, Tensor>;
}

/** A start value: the same for every element, or drawn by this function. */
export type Start = number | ((random: () => number) => number);

export interface ParameterDefinition {
  readonly name: string;
  readonly start: Start;
  /** The formula's value is softplus(raw) + above, so that it stays greater than `above`. */
  readonly above?: number;
}

/** Options that every trainable activation takes. */
export interface ParameterOptions {
  /** One value per layer (default) or one per channel. */
  scope?: 'layer' | 'channel' | undefined;
  /** Keeps the parameters at their start values (default false). */
  frozen?: boolean | undefined;
  /** Multiplies the optimizer's learning rate for these parameters (default 1). */
  learningRateMultiplier?: number | undefined;
}

export interface ActivationContext {
  /** Size of the last axis; required for scope 'channel'. */
  channels?: number | undefined;
}

export interface ActivationDefinition {
  readonly name: string;
  readonly rule: Rule;
  readonly parameters: readonly ParameterDefinition[];
  /** Resolved options other than numeric start values, which are recorded by parameter name. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** False when `options` holds the start values already, in a form of its own. */
  readonly recordStarts?: boolean;
}

/** Makes an activation of a rule and the definitions of its parameters. */
export function defineActivation(
  { name, rule, parameters: definitions, options: fixedOptions = {}, recordStarts = true }: ActivationDefinition,
  { scope = 'layer', frozen = false, learningRateMultiplier = 1 }: ParameterOptions = {},
  context: ActivationContext = {},
): Activation {
  const shape = scope === 'channel' ? [channelsOf(name, context)] : [];
  if (!(Number.isFinite(learningRateMultiplier) && learningRateMultiplier >= 0)) {
    throw new InputError(`${name}: learningRateMultiplier is ${learningRateMultiplier}; it must be a number >= 0`);
  }

  for (const parameter of definitions) checkStart(name, parameter);

  const readable = (parameters: Readonly<Record<string, Tensor>>): Tensor[] =>
    definitions.map((parameter) => {
      const raw = parameters[parameter.name];
      if (raw === undefined) {
        const expected = definitions.map(({ name }) => name).join(', ');
        throw new InputError(`${name}: parameter "${parameter.name}" is missing; it takes ${expected}`);
      }
      if (raw.rank !== shape.length || (raw.rank === 1 && raw.shape[0] !== shape[0])) {
        throw new InputError(
          `${name}: parameter "${parameter.name}" has shape [${raw.shape}]; with scope "${scope}" it must be [${shape}]`,
        );
      }
      return parameter.above === undefined ? raw : positive(raw, parameter.above);
    });

  return {
    name,
    options: {
      ...fixedOptions,
      ...(recordStarts ? numericStarts(definitions) : {}),
      ...(definitions.length === 0 ? {} : { scope, frozen, learningRateMultiplier }),
    },
    parameters: definitions.map((parameter) => ({
      name: parameter.name,
      shape,
      start: (random) => startValues(parameter, shape[0] ?? 1, random),
      trainable: !frozen,
      hints: { weightDecay: 0, learningRateMultiplier },
    })),
    apply: (x, parameters) => tidy(() => applyRule(name, rule, x, readable(parameters), frozen)),
    gate: (gate, value, parameters) => tidy(() => gateRule(name, rule, gate, value, readable(parameters), frozen)),
    values: (parameters) =>
      tidy(() => {
        const values = readable(parameters);
        return Object.fromEntries(definitions.map(({ name }, index) => [name, clone(values[index]!)]));
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

function checkStart(name: string, { name: parameter, start, above }: ParameterDefinition): void {
  if (typeof start !== 'number') return;
  if (!Number.isFinite(start) || (above !== undefined && start <= above)) {
    const allowed = above === undefined ? 'a finite number' : `a finite number > ${above}`;
    throw new InputError(`${name}: ${parameter} is ${start}; it must be ${allowed}`);
  }
}

function numericStarts(definitions: readonly ParameterDefinition[]): Record<string, number> {
  return Object.fromEntries(
    definitions.flatMap(({ name, start }) => (typeof start === 'number' ? [[name, start]] : [])),
  );
}

function startValues({ start, above }: ParameterDefinition, size: number, random: () => number): Float32Array {
  return Float32Array.from({ length: size }, () => {
    const value = typeof start === 'number' ? start : start(random);
    return above === undefined ? value : inverseSoftplus(value - above);
  });
}

/** The raw value whose softplus is `value` > 0. */
export function inverseSoftplus(value: number): number {
  return value + Math.log(-Math.expm1(-value));
}
