import type { Curve } from './curve.ts';
import { eluCurve } from './elu.ts';
import { geluCurve, geluTanhCurve } from './gelu.ts';
import { leakyReluCurve, relu2Curve, reluCurve } from './relu.ts';
import { gcuCurve, goluCurve, mishCurve, serfCurve, siluCurve, smishCurve, teluCurve } from './self-gated-curves.ts';
import { identityCurve, sigmoidCurve, softplusCurve, tanhCurve } from './simple.ts';

/** The fixed activations by name: what dynActivation takes as its base. */
export const fixedCurves = {
  elu: eluCurve,
  gcu: gcuCurve,
  gelu: geluCurve,
  'gelu-tanh': geluTanhCurve,
  golu: goluCurve,
  identity: identityCurve,
  'leaky-relu': leakyReluCurve(0.01),
  mish: mishCurve,
  relu: reluCurve,
  relu2: relu2Curve,
  serf: serfCurve,
  sigmoid: sigmoidCurve,
  silu: siluCurve,
  smish: smishCurve,
  softplus: softplusCurve,
  tanh: tanhCurve,
  telu: teluCurve,
} satisfies Record<string, Curve>;

export type FixedName = keyof typeof fixedCurves;

export const fixedNames = Object.keys(fixedCurves) as readonly FixedName[];
