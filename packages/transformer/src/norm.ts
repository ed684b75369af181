import { constantParameter, layerNorm, type ParameterSpecification, type ParameterTensors, rmsNorm } from '@dynact/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { ResolvedModelConfig } from './config.ts';

/** Gain [width], one; LayerNorm in a model with biases also has bias [width], zero. */
export function normParameters(name: string, config: ResolvedModelConfig): ParameterSpecification[] {
  const gain = constantParameter(`${name}.gain`, [config.width], 'norm', 1);
  const hasBias = config.norm === 'layernorm' && config.bias;
  return hasBias ? [gain, constantParameter(`${name}.bias`, [config.width], 'norm', 0)] : [gain];
}

/** @param x [rows, width] */
export function applyNorm(
  x: tf.Tensor2D,
  name: string,
  tensors: ParameterTensors,
  config: ResolvedModelConfig,
): tf.Tensor2D {
  const gain = tensors.get(`${name}.gain`) as tf.Tensor1D;
  if (config.norm === 'rmsnorm') return rmsNorm(x, gain, config.normEpsilon);
  return layerNorm(x, gain, tensors.find(`${name}.bias`) as tf.Tensor1D | undefined, config.normEpsilon);
}
