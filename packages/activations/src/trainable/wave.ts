import type { Tensor } from '@tensorflow/tfjs-core';
import type { Activation, ActivationContext } from '../activation.ts';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, mul, neg, sigmoid, sub } from '../operations.ts';
import { applyRule, type Computed, type NumberOrTensor, type Rule, type RuleGradients } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';
import { cosine, sine } from '../waves.ts';

const cosluRule: Rule = {
  forward(x, [a, b]) {
    const wave = cosine(mul(x, b!));
    return gatedWave(x, a!, wave);
  },
  backward(upstream, x, [a, b], { value, reuse }, needed) {
    const slope = neg(sine(mul(x, b!))); // of the wave, by its argument
    return gatedWaveGradients(upstream, x, [a!, b!], value, reuse, slope, needed);
  },
};

const sinluRule: Rule = {
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

/** CosLU, (x + a cos(b x)) sigmoid(x) (Pishchik 2023); a and b: a number (constant), a scalar tensor or one value per channel. */
export function coslu(x: Tensor, a: NumberOrTensor, b: NumberOrTensor): Tensor {
  return applyRule('coslu', cosluRule, x, [a, b]);
}

/** SinLU, (x + a sin(b x)) sigmoid(x) (Paul et al. 2022); parameters as coslu's. */
export function sinlu(x: Tensor, a: NumberOrTensor, b: NumberOrTensor): Tensor {
  return applyRule('sinlu', sinluRule, x, [a, b]);
}

const waved = (name: string, title: string, wave: string, source: string, rule: Rule) =>
  defineTrainable({
    name,
    title,
    formula: `(x + a ${wave}(b x)) s(x)`,
    source,
    smooth: true,
    parameters: {
      a: { initial: 1, meaning: 'height of the wave' },
      b: { initial: 1, meaning: 'frequency of the wave' },
    },
    rule,
    moved: { a: 0.5, b: 1.5 },
  });

const PISHCHIK = 'Pishchik 2023, Trainable Activations for Image Classification';
export const createCoslu = /* @__PURE__ */ waved('coslu', 'CosLU', 'cos', PISHCHIK, cosluRule);
const PAUL = 'Paul et al. 2022 (Mathematics 10(3), 337)';
export const createSinlu = /* @__PURE__ */ waved('sinlu', 'SinLU', 'sin', PAUL, sinluRule);

export type WaveOptions = CreatorOptions<typeof createCoslu>;

export function createWave(name: 'coslu' | 'sinlu', options?: WaveOptions, context?: ActivationContext): Activation {
  return { coslu: createCoslu, sinlu: createSinlu }[name](options, context);
}
