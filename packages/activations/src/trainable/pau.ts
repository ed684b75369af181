import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { InputError } from '../errors.ts';
import { abs, add, div, mul, neg, sign, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { summedGradient } from '../tensors.ts';

const NUMERATOR_TERMS = 6;
const DENOMINATOR_TERMS = 4;

/** (p0 + p1 x + ... + p5 x^5) / (1 + |q1 x| + ... + |q4 x^4|), parameters [p0..p5, q1..q4] (arXiv 1907.06732) */
export const pauRule: Rule = {
  forward(x, parameters) {
    const size = abs(x);
    const numerator = polynomial(x, parameters.slice(0, NUMERATOR_TERMS));
    const weights = parameters.slice(NUMERATOR_TERMS).map((weight) => abs(weight));
    const denominator = add(mul(polynomial(size, weights), size), 1);
    return { value: div(numerator, denominator), reuse: [size, denominator] };
  },
  backward(upstream, x, parameters, { value, reuse }, needed) {
    const [size, denominator] = reuse as [Tensor, Tensor];
    const numeratorSlope = polynomial(x, derivative(parameters.slice(0, NUMERATOR_TERMS)));
    const weights = parameters.slice(NUMERATOR_TERMS).map((weight) => abs(weight));
    const scaled = weights.map((weight, index) => mul(weight, index + 1));
    const denominatorSlope = mul(polynomial(size, scaled), sign(x));
    const shared = div(upstream, denominator);
    const falling = neg(mul(shared, value));
    const gradients: Tensor[] = [];
    let power = shared;
    for (const [index, weight] of parameters.slice(0, NUMERATOR_TERMS).entries()) {
      if (index > 0) power = mul(power, x);
      gradients.push(summedGradient(weight, needed[index]!, power));
    }
    power = falling;
    for (const [index, weight] of parameters.slice(NUMERATOR_TERMS).entries()) {
      power = mul(power, size);
      gradients.push(mul(summedGradient(weight, needed[NUMERATOR_TERMS + index]!, power), sign(weight)));
    }
    return { x: mul(shared, sub(numeratorSlope, mul(value, denominatorSlope))), parameters: gradients };
  },
};

/** weights_0 + weights_1 x + ..., by Horner's rule */
function polynomial(x: Tensor, weights: readonly Tensor[]): Tensor {
  let total = mul(x, weights.at(-1)!);
  for (const weight of weights.slice(1, -1).reverse()) total = mul(add(total, weight), x);
  return add(total, weights[0]!);
}

function derivative(weights: readonly Tensor[]): Tensor[] {
  return weights.slice(1).map((weight, index) => mul(weight, index + 1));
}

/** Fitted to leaky ReLU (slope 0.01) on [-3, 3]: the start values published with the paper's code. */
const LEAKY_RELU = {
  numerator: [
    0.029792778657264946, 0.6183735264987601, 2.323309062531321, 3.051936237265109, 1.4854203263828845,
    0.2510244961111299,
  ],
  denominator: [-1.1419548357285474, 4.393159974992486, 0.8714712309957245, 0.34719662339598834],
};

export interface PauOptions extends ParameterOptions {
  /** Start of p0 to p5 (default: fitted to leaky ReLU). */
  numerator?: readonly number[] | undefined;
  /** Start of q1 to q4 (default: fitted to leaky ReLU). */
  denominator?: readonly number[] | undefined;
}

/**
 * Pade activation unit, version A (arXiv 1907.06732): a polynomial of degree 5 over 1 + |q1 x| + ... + |q4 x^4|.
 * Every coefficient is a number (constant), a scalar tensor or one value per channel.
 *
 * @throws InputError when there are not 6 and 4 coefficients
 */
export function pau(x: Tensor, numerator: readonly Parameter[], denominator: readonly Parameter[]): Tensor {
  checkLengths(numerator, denominator);
  return applyRule('pau', pauRule, x, [...numerator, ...denominator]);
}

/** @throws InputError when there are not 6 and 4 start values */
export function createPau(options: PauOptions = {}, context: ActivationContext = {}): Activation {
  const { numerator = LEAKY_RELU.numerator, denominator = LEAKY_RELU.denominator } = options;
  checkLengths(numerator, denominator);
  const parameters = [
    ...numerator.map((start, index) => ({ name: `p${index}`, start })),
    ...denominator.map((start, index) => ({ name: `q${index + 1}`, start })),
  ];
  const recorded = { numerator, denominator };
  const definition = { name: 'pau', rule: pauRule, parameters, options: recorded, recordStarts: false };
  return defineActivation(definition, options, context);
}

function checkLengths(numerator: readonly unknown[], denominator: readonly unknown[]): void {
  if (numerator.length !== NUMERATOR_TERMS) {
    throw new InputError(
      `pau: numerator has ${numerator.length} coefficients; it must have ${NUMERATOR_TERMS}, p0 to p5`,
    );
  }
  if (denominator.length !== DENOMINATOR_TERMS) {
    throw new InputError(
      `pau: denominator has ${denominator.length} coefficients; it must have ${DENOMINATOR_TERMS}, q1 to q4`,
    );
  }
}
