import { constantParameter, type Layer, layerNorm, rmsNorm } from '@dynact/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { ResolvedModelConfig } from '../config/resolve.ts';

/** `<name>.gain` [width], one; LayerNorm in a model with biases also has `<name>.bias` [width], zero. */
export function norm(name: string, config: ResolvedModelConfig): Layer {
  const { width, normEpsilon } = config;
  const gain = constantParameter(`${name}.gain`, [width], 'norm', 1);
  if (config.norm === 'rmsnorm') {
    return { parameters: [gain], apply: (x) => rmsNorm(x, gain.variable as tf.Tensor1D, normEpsilon) };
  }
  const bias = config.bias ? constantParameter(`${name}.bias`, [width], 'norm', 0) : undefined;
  return {
    parameters: bias === undefined ? [gain] : [gain, bias],
    apply: (x) => layerNorm(x, gain.variable as tf.Tensor1D, bias?.variable as tf.Tensor1D | undefined, normEpsilon),
  };
}
