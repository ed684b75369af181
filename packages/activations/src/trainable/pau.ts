import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { InputError } from '../errors.ts';
import { abs, add, div, mul, neg, sign, sub } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { summedGradient } from '../tensors.ts';

const NUMERATOR_TERMS = 6;
const DENOMINATOR_TERMS = 4;

/** Parameters are [p0 to p5, q1 to q4]. */
const rule: Rule = {
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

/** Fitted to leaky ReLU (slope 0.01) on [-3, 3]: the initial values published with the paper's code. */
const LEAKY_RELU = {
  numerator: [
    0.029792778657264946, 0.6183735264987601, 2.323309062531321, 3.051936237265109, 1.4854203263828845,
    0.2510244961111299,
  ],
  denominator: [-1.1419548357285474, 4.393159974992486, 0.8714712309957245, 0.34719662339598834],
};

/**
 * Pade activation unit, version A (arXiv 1907.06732): a polynomial of degree 5 over 1 + |q1 x| + ... + |q4 x^4|.
 * Every coefficient is a number (constant), a scalar tensor or one value per channel.
 *
 * @throws InputError when there are not 6 and 4 coefficients
 */
export function pau(x: Tensor, numerator: readonly NumberOrTensor[], denominator: readonly NumberOrTensor[]): Tensor {
  checkLengths(numerator, denominator);
  return applyRule('pau', rule, x, [...numerator, ...denominator]);
}

export type PauOptions = CreatorOptions<typeof createPau>;

export const createPau = /* @__PURE__ */ defineTrainable({
  name: 'pau',
  title: 'PAU, Pade activation unit (version A, degrees 5 and 4)',
  formula: '(p0 + p1 x + ... + p5 x^5) / (1 + |q1 x| + |q2 x^2| + |q3 x^3| + |q4 x^4|)',
  source: 'Molina, Schramowski and Kersting 2019, arXiv 1907.06732',
  smooth: false,
  note: 'The initial values are fitted to leaky ReLU on [-3, 3].',
  options: { numerator: 'numbers', denominator: 'numbers' },
  rule({ numerator = LEAKY_RELU.numerator, denominator = LEAKY_RELU.denominator }) {
    checkLengths(numerator, denominator);
    const parameters = [
      ...numerator.map((initial, index) => [`p${index}`, { initial }] as const),
      ...denominator.map((initial, index) => [`q${index + 1}`, { initial }] as const),
    ];
    return { rule, parameters: Object.fromEntries(parameters), options: { numerator, denominator } };
  },
  call: 'pau(x, [p0, p1, p2, p3, p4, p5], [q1, q2, q3, q4])',
  moved: { numerator: [0, 1, 0.2, 0.1, 0, 0], denominator: [0, 0.4, 0, 0] },
});

function checkLengths(numerator: readonly unknown[], denominator: readonly unknown[]): void {
  for (const [option, { length }, terms, names] of [
    ['numerator', numerator, NUMERATOR_TERMS, 'p0 to p5'],
    ['denominator', denominator, DENOMINATOR_TERMS, 'q1 to q4'],
  ] as const) {
    if (length === terms) continue;
    throw new InputError(`pau: ${option} has ${length} coefficients; it must have ${terms}, ${names}`);
  }
}
