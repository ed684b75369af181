import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, elu, mul, relu, square, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** Slope of the linear part on both sides. */
const LINEAR = 0.5;

/** x > 0: ap x^2 + x/2; x <= 0: an (e^x - 1) - an x + x/2, parameters [ap, an] (arXiv 2411.13010) */
export const xieluRule: Rule = {
  forward(x, [positive, negative]) {
    const rectified = relu(x);
    const exponential = sub(elu(x), rectified); // e^min(x, 0) - 1
    const quadratic = square(rectified);
    const bend = add(sub(exponential, x), rectified); // e^n - 1 - n with n = min(x, 0)
    const value = add(add(mul(quadratic, positive!), mul(bend, negative!)), mul(x, LINEAR));
    return { value, reuse: [rectified, exponential, quadratic, bend] };
  },
  backward(upstream, _, [positive, negative], { reuse }, [positiveNeeded, negativeNeeded]) {
    const [rectified, exponential, quadratic, bend] = reuse;
    const slope = add(add(mul(rectified!, mul(positive!, 2)), mul(exponential!, negative!)), LINEAR);
    return {
      x: mul(upstream, slope),
      parameters: [
        parameterGradient(positive!, positiveNeeded!, upstream, quadratic!),
        parameterGradient(negative!, negativeNeeded!, upstream, bend!),
      ],
    };
  },
};

export interface XieluOptions extends ParameterOptions {
  /** Start value > 0 (default 0.8). */
  ap?: number | undefined;
  /** Start value > 0.5 (default 0.8): the paper keeps it above the linear slope. */
  an?: number | undefined;
}

/**
 * xIELU: ap x^2 + x/2 where x > 0, else an (e^x - 1) - an x + x/2 (arXiv 2411.13010).
 *
 * @param ap the value itself, meant to be > 0: a number (constant), a scalar tensor or one value per channel
 * @param an the value itself, meant to be > 0.5; as ap
 */
export function xielu(x: Tensor, ap: Parameter, an: Parameter): Tensor {
  return applyRule('xielu', xieluRule, x, [ap, an]);
}

export function createXielu(options: XieluOptions = {}, context: ActivationContext = {}): Activation {
  const { ap = 0.8, an = 0.8 } = options;
  const parameters = [
    { name: 'ap', start: ap, above: 0 },
    { name: 'an', start: an, above: LINEAR },
  ];
  return defineActivation({ name: 'xielu', rule: xieluRule, parameters }, options, context);
}
