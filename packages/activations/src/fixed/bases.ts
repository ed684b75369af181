import { type Activation, makeActivation } from '../activation.ts';
import { type Base, ruleOf } from './base.ts';
import { eluBase } from './elu.ts';
import { gcuBase } from './gcu.ts';
import { geluBase } from './gelu.ts';
import { geluTanhBase } from './gelu-tanh.ts';
import { goluBase } from './golu.ts';
import { identityBase } from './identity.ts';
import { leakyReluBase } from './leaky-relu.ts';
import { mishBase } from './mish.ts';
import { reluBase } from './relu.ts';
import { relu2Base } from './relu2.ts';
import { serfBase } from './serf.ts';
import { sigmoidBase } from './sigmoid.ts';
import { siluBase } from './silu.ts';
import { smishBase } from './smish.ts';
import { softplusBase } from './softplus.ts';
import { tanhBase } from './tanh.ts';
import { teluBase } from './telu.ts';

/** The fixed activations that dynActivation takes as its base, by name. */
export const bases = {
  elu: eluBase,
  gcu: gcuBase,
  gelu: geluBase,
  'gelu-tanh': geluTanhBase,
  golu: goluBase,
  identity: identityBase,
  'leaky-relu': leakyReluBase(0.01),
  mish: mishBase,
  relu: reluBase,
  relu2: relu2Base,
  serf: serfBase,
  sigmoid: sigmoidBase,
  silu: siluBase,
  smish: smishBase,
  softplus: softplusBase,
  tanh: tanhBase,
  telu: teluBase,
} satisfies Record<string, Base>;

export type FixedName = keyof typeof bases;

export const fixedNames = Object.keys(bases) as readonly FixedName[];

/** A fixed activation in the shape that trainable ones have; it takes no parameters. */
export function createFixed(
  name: FixedName,
  { negativeSlope = 0.01 }: { negativeSlope?: number | undefined } = {},
): Activation {
  if (name !== 'leaky-relu') return makeActivation({ name, rule: ruleOf(bases[name]), parameters: {}, options: {} });
  const rule = ruleOf(leakyReluBase(negativeSlope));
  return makeActivation({ name, rule, parameters: {}, options: { negativeSlope } });
}
