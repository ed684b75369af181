import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, mul, sigmoid, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';
import { normal } from './normal.ts';

/** (p1 - p2) x sigmoid(beta (p1 - p2) x) + p2 x, parameters [p1, p2, beta] (arXiv 2009.04759) */
export const aconCRule: Rule = {
  forward(x, [p1, p2, beta]) {
    const spread = mul(x, sub(p1!, p2!));
    const gate = sigmoid(mul(spread, beta!));
    return { value: add(mul(spread, gate), mul(x, p2!)), reuse: [spread, gate] };
  },
  backward(upstream, x, [p1, p2, beta], { reuse: [spread, gate] }, [p1Needed, p2Needed, betaNeeded]) {
    const fall = mul(mul(spread!, gate!), sub(1, gate!));
    const bend = add(gate!, mul(fall, beta!)); // the derivative of z sigmoid(beta z) at z = (p1 - p2) x
    const p1Gradient = parameterGradient(p1!, p1Needed! || p2Needed!, upstream, mul(x, bend));
    return {
      x: mul(upstream, add(mul(bend, sub(p1!, p2!)), p2!)),
      parameters: [
        p1Gradient,
        sub(parameterGradient(p2!, p2Needed!, upstream, x), p1Gradient),
        parameterGradient(beta!, betaNeeded!, upstream, mul(spread!, fall)),
      ],
    };
  },
};

export interface AconCOptions extends ParameterOptions {
  /** Start value (default: drawn from N(0, 1)). */
  p1?: number | undefined;
  /** Start value (default: drawn from N(0, 1)). */
  p2?: number | undefined;
  /** Start value (default 1). */
  beta?: number | undefined;
}

/**
 * ACON-C (arXiv 2009.04759): (p1 - p2) x sigmoid(beta (p1 - p2) x) + p2 x. With p1 1 and p2 0 it is Swish-beta.
 * Every parameter is a number (constant), a scalar tensor or one value per channel.
 */
export function aconC(x: Tensor, p1: Parameter, p2: Parameter, beta: Parameter): Tensor {
  return applyRule('acon-c', aconCRule, x, [p1, p2, beta]);
}

/** The paper has one set of parameters per channel: options.scope 'channel'. */
export function createAconC(options: AconCOptions = {}, context: ActivationContext = {}): Activation {
  const parameters = [
    { name: 'p1', start: options.p1 ?? normal },
    { name: 'p2', start: options.p2 ?? normal },
    { name: 'beta', start: options.beta ?? 1 },
  ];
  return defineActivation({ name: 'acon-c', rule: aconCRule, parameters }, options, context);
}
