import { type Layer, linear } from '@dynact/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { FeedForwardKind } from '../config/feed-forward-kinds.ts';
import type { ResolvedModelConfig } from '../config/resolve.ts';
import { blockActivation } from './activation.ts';

/** The feed-forward block of one layer. */
export interface FeedForward extends Layer {
  /** The parameters of its activations by their own names, after reparametrization; the caller disposes them. */
  activationValues(): Record<string, tf.Tensor>;
}

/** down(activation(gate x) * up x), or down(activation(up x)) in a plain block. */
export function feedForward(
  name: string,
  { width, bias, initialization }: ResolvedModelConfig,
  { gated, activation: named, hiddenWidth }: FeedForwardKind & { readonly hiddenWidth: number },
): FeedForward {
  const { standardDeviation, residualStandardDeviation } = initialization;
  const into = { inputs: width, outputs: hiddenWidth, standardDeviation, bias };
  const outOf = { inputs: hiddenWidth, outputs: width, standardDeviation: residualStandardDeviation, bias };
  const gate = gated ? linear(`${name}.gate`, into) : undefined;
  const up = linear(`${name}.up`, into);
  const down = linear(`${name}.down`, outOf);
  const activation = blockActivation(`${name}.activation`, named, hiddenWidth);

  return {
    parameters: [...(gate?.parameters ?? []), ...up.parameters, ...down.parameters, ...activation.parameters],
    apply(x) {
      const raised = up.apply(x);
      return down.apply(gate === undefined ? activation.apply(raised) : activation.gate(gate.apply(x), raised));
    },
    activationValues: activation.values,
  };
}
