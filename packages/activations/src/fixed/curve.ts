import type { Tensor } from '@tensorflow/tfjs-core';
import { mul } from '../operations.ts';
import type { Computed, Rule } from '../rule.ts';

/** An elementwise function without parameters, and its first derivative in closed form. */
export interface Curve {
  forward(x: Tensor): Computed;
  /** f'(x) */
  slope(x: Tensor, computed: Computed): Tensor;
}

/** The curve as a rule without parameters. */
export function curveRule(curve: Curve): Rule {
  return {
    forward: curve.forward,
    backward: (upstream, x, _, computed) => ({ x: mul(upstream, curve.slope(x, computed)), parameters: [] }),
  };
}
