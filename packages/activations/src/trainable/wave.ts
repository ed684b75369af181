import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, mul, neg, sigmoid, sub } from '../operations.ts';
import { applyRule, type Computed, type Parameter, type Rule, type RuleGradients } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';
import { cosine, sine } from '../waves.ts';

/** (x + a cos(b x)) sigmoid(x), parameters [a, b] (Pishchik 2023) */
export const cosluRule: Rule = {
  forward(x, [a, b]) {
    const wave = cosine(mul(x, b!));
    return gatedWave(x, a!, wave);
  },
  backward(upstream, x, [a, b], { value, reuse }, needed) {
    const slope = neg(sine(mul(x, b!))); // of the wave, by its argument
    return gatedWaveGradients(upstream, x, [a!, b!], value, reuse, slope, needed);
  },
};

/** (x + a sin(b x)) sigmoid(x), parameters [a, b] (Paul et al. 2022) */
export const sinluRule: Rule = {
  forward(x, [a, b]) {
    const wave = sine(mul(x, b!));
    return gatedWave(x, a!, wave);
  },
  backward(upstream, x, [a, b], { value, reuse }, needed) {
    const slope = cosine(mul(x, b!));
    return gatedWaveGradients(upstream, x, [a!, b!], value, reuse, slope, needed);
  },
};

function gatedWave(x: Tensor, a: Tensor, wave: Tensor): Computed {
  const gate = sigmoid(x);
  return { value: mul(add(x, mul(wave, a)), gate), reuse: [wave, gate] };
}

function gatedWaveGradients(
  upstream: Tensor,
  x: Tensor,
  [a, b]: [Tensor, Tensor],
  value: Tensor,
  reuse: readonly Tensor[],
  waveSlope: Tensor,
  [aNeeded, bNeeded]: readonly boolean[],
): RuleGradients {
  const [wave, gate] = reuse as [Tensor, Tensor];
  const gatedSlope = mul(waveSlope, gate);
  const slope = add(add(gate, mul(gatedSlope, mul(a, b))), mul(value, sub(1, gate)));
  return {
    x: mul(upstream, slope),
    parameters: [
      parameterGradient(a, aNeeded!, upstream, mul(wave, gate)),
      mul(parameterGradient(b, bNeeded!, upstream, mul(x, gatedSlope)), a),
    ],
  };
}

export interface WaveOptions extends ParameterOptions {
  /** Start of the wave's height (default 1). */
  a?: number | undefined;
  /** Start of the wave's frequency (default 1). */
  b?: number | undefined;
}

/** CosLU, (x + a cos(b x)) sigmoid(x) (Pishchik 2023); a and b: a number (constant), a scalar tensor or one value per channel. */
export function coslu(x: Tensor, a: Parameter, b: Parameter): Tensor {
  return applyRule('coslu', cosluRule, x, [a, b]);
}

/** SinLU, (x + a sin(b x)) sigmoid(x) (Paul et al. 2022); parameters as coslu's. */
export function sinlu(x: Tensor, a: Parameter, b: Parameter): Tensor {
  return applyRule('sinlu', sinluRule, x, [a, b]);
}

const rules = { coslu: cosluRule, sinlu: sinluRule };

export function createWave(
  name: keyof typeof rules,
  options: WaveOptions = {},
  context: ActivationContext = {},
): Activation {
  const parameters = [
    { name: 'a', start: options.a ?? 1 },
    { name: 'b', start: options.b ?? 1 },
  ];
  return defineActivation({ name, rule: rules[name], parameters }, options, context);
}
