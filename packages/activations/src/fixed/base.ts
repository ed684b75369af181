import type { Tensor } from '@tensorflow/tfjs-core';
import { type ActivationDocumentation, defineTrainable } from '../definition.ts';
import { add, mul } from '../operations.ts';
import { applyRule, type Computed, gateRule, type Rule } from '../rule.ts';

/** An elementwise function without parameters, and its first derivative in closed form: also a base for dynActivation. */
export interface Base {
  forward(x: Tensor): Computed;
  /** f'(x) */
  slope(x: Tensor, computed: Computed): Tensor;
}

/** A fixed activation: float32 in, the same shape out. */
export type FixedActivation = (x: Tensor) => Tensor;
/** f(gate) * value as one operation, for tensors of the same shape. */
export type FixedGate = (gate: Tensor, value: Tensor) => Tensor;

/**
 * x g(x), whose derivative is g(x) + x g'(x).
 *
 * @param gate g(x), and after it what `rise` uses again
 * @param rise x g'(x); `value` is x g(x)
 */
export function selfGated(
  gate: (x: Tensor) => readonly [Tensor, ...Tensor[]],
  rise: (x: Tensor, value: Tensor, computed: readonly Tensor[]) => Tensor,
): Base {
  return {
    forward(x) {
      const reuse = gate(x);
      return { value: mul(x, reuse[0]), reuse };
    },
    slope: (x, { value, reuse }) => add(reuse[0]!, rise(x, value, reuse)),
  };
}

export function ruleOf(base: Base): Rule {
  return {
    forward: base.forward,
    backward: (upstream, x, _, computed) => ({ x: mul(upstream, base.slope(x, computed)), parameters: [] }),
  };
}

export const fixed =
  (name: string, base: Base): FixedActivation =>
  (x) =>
    applyRule(name, ruleOf(base), x);

export const fixedGate =
  (name: string, base: Base): FixedGate =>
  (gate, value) =>
    gateRule(name, ruleOf(base), gate, value);

type FixedText = Pick<ActivationDocumentation, 'title' | 'formula' | 'source' | 'smooth'>;

/** `defineTrainable` for an activation without parameters. */
export function defineFixed(name: string, base: Base, text: FixedText) {
  return defineTrainable({ ...text, name, rule: ruleOf(base) });
}
