import { linear, lstm } from '@dynact/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { activationLayer, type NamedActivation } from './activation-layer.ts';
import type { Network } from './network.ts';

/** An LSTM over a series of numbers, whose candidate and cell pass the activation, and a linear layer to one output. */
export function recurrentNetwork(units: number, activation: NamedActivation): Network<tf.Tensor3D> {
  const bent = activationLayer('lstm.activation', activation);
  const recurrent = lstm('lstm', { inputs: 1, units, activation: (x) => bent.apply(x) });
  const standardDeviation = Math.sqrt(1 / units);
  const output = linear('output', { inputs: units, outputs: 1, standardDeviation, bias: true });
  return {
    parameters: [...recurrent.parameters, ...bent.parameters, ...output.parameters],
    apply: (x) => output.apply(recurrent.apply(x)),
    activationValues: [bent.values],
  };
}
