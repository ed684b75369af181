import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, defineActivation } from '../activation.ts';
import { applyRule, gateRule } from '../rule.ts';
import { type Curve, curveRule } from './curve.ts';
import { type FixedName, fixedCurves } from './curves.ts';
import { eluCurve } from './elu.ts';
import { geluCurve, geluTanhCurve } from './gelu.ts';
import { leakyReluCurve, relu2Curve, reluCurve } from './relu.ts';
import { gcuCurve, goluCurve, mishCurve, serfCurve, siluCurve, smishCurve, teluCurve } from './self-gated-curves.ts';
import { identityCurve, sigmoidCurve, softplusCurve, tanhCurve } from './simple.ts';

/** A fixed activation: float32 in, the same shape out. */
export type FixedActivation = (x: Tensor) => Tensor;
/** f(gate) * value as one operation, for tensors of the same shape. */
export type FixedGate = (gate: Tensor, value: Tensor) => Tensor;

const fixed =
  (name: string, curve: Curve): FixedActivation =>
  (x) =>
    applyRule(name, curveRule(curve), x);

const gate =
  (name: string, curve: Curve): FixedGate =>
  (gate, value) =>
    gateRule(name, curveRule(curve), gate, value);

/** max(0, x) */
export const relu = /* @__PURE__ */ fixed('relu', reluCurve);
/** max(0, x)^2 (arXiv 2109.08668) */
export const relu2 = /* @__PURE__ */ fixed('relu2', relu2Curve);
/** x where x > 0, else e^x - 1 (arXiv 1511.07289) */
export const elu = /* @__PURE__ */ fixed('elu', eluCurve);
/** x P(N(0, 1) <= x), exact (arXiv 1606.08415) */
export const gelu = /* @__PURE__ */ fixed('gelu', geluCurve);
/** GELU's tanh approximation (arXiv 1606.08415) */
export const geluTanh = /* @__PURE__ */ fixed('gelu-tanh', geluTanhCurve);
/** x sigmoid(x) (arXiv 1702.03118) */
export const silu = /* @__PURE__ */ fixed('silu', siluCurve);
/** x tanh(softplus(x)) (arXiv 1908.08681) */
export const mish = /* @__PURE__ */ fixed('mish', mishCurve);
/** x tanh(e^x) (arXiv 2412.20269) */
export const telu = /* @__PURE__ */ fixed('telu', teluCurve);
/** x erf(softplus(x)) (arXiv 2108.09598) */
export const serf = /* @__PURE__ */ fixed('serf', serfCurve);
/** x tanh(ln(1 + sigmoid(x))) (Wang, Ren and Wang 2022) */
export const smish = /* @__PURE__ */ fixed('smish', smishCurve);
/** x cos(x) (arXiv 2108.12943) */
export const gcu = /* @__PURE__ */ fixed('gcu', gcuCurve);
/** x e^(-e^-x) (arXiv 2502.03654) */
export const golu = /* @__PURE__ */ fixed('golu', goluCurve);
/** ln(1 + e^x) */
export const softplus = /* @__PURE__ */ fixed('softplus', softplusCurve);
export const tanh = /* @__PURE__ */ fixed('tanh', tanhCurve);
export const sigmoid = /* @__PURE__ */ fixed('sigmoid', sigmoidCurve);
export const identity = /* @__PURE__ */ fixed('identity', identityCurve);

/** x where x > 0, else negativeSlope x (default 0.01) */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return applyRule('leaky-relu', curveRule(leakyReluCurve(negativeSlope)), x);
}

/** sigmoid(gate) * value (arXiv 1612.08083) */
export const glu = /* @__PURE__ */ gate('sigmoid', sigmoidCurve);
/** gate * value (arXiv 2002.05202) */
export const bilinear = /* @__PURE__ */ gate('identity', identityCurve);
/** relu(gate) * value (arXiv 2002.05202) */
export const reglu = /* @__PURE__ */ gate('relu', reluCurve);
/** relu(gate)^2 * value */
export const relu2glu = /* @__PURE__ */ gate('relu2', relu2Curve);
/** gelu(gate) * value (arXiv 2002.05202) */
export const geglu = /* @__PURE__ */ gate('gelu', geluCurve);
/** silu(gate) * value (arXiv 2002.05202) */
export const swiglu = /* @__PURE__ */ gate('silu', siluCurve);

/** A fixed activation in the shape that trainable ones have; it takes no parameters. */
export function createFixed(
  name: FixedName,
  { negativeSlope = 0.01 }: { negativeSlope?: number | undefined } = {},
): Activation {
  if (name === 'leaky-relu') {
    const rule = curveRule(leakyReluCurve(negativeSlope));
    return defineActivation({ name, rule, parameters: [], options: { negativeSlope } });
  }
  return defineActivation({ name, rule: curveRule(fixedCurves[name]), parameters: [] });
}
