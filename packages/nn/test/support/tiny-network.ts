import * as tf from '@tensorflow/tfjs-core';
import {
  constantParameter,
  createParameters,
  embed,
  linear,
  linearCrossEntropy,
  linearParameters,
  normalParameter,
  type Objective,
  type Parameter,
  ParameterTensors,
  rmsNorm,
} from '../../src/index.ts';

const [vocabulary, width] = [23, 6];

/** Tokens [rows] int32, and what follows each. */
export type TokenBatch = { readonly inputs: tf.Tensor1D; readonly targets: tf.Tensor1D };

/** A network of one token's context with a parameter of every group; the activation is x tanh(alpha x). */
export function tinyNetwork(trainsActivation = true): Objective<TokenBatch> & { readonly parameters: Parameter[] } {
  const alpha = constantParameter('block.activation.alpha', [], 'activation', 1);
  const parameters = createParameters(
    [
      normalParameter('tokenEmbedding.weight', [vocabulary, width], 'embedding', 0.5),
      ...linearParameters('block.hidden', { inputs: width, outputs: width, standardDeviation: 0.4, bias: true }),
      { ...alpha, trainable: trainsActivation },
      constantParameter('norm.gain', [width], 'norm', 1),
      normalParameter('output.weight', [vocabulary, width], 'output', 0.5),
    ],
    1,
  );
  const tensors = new ParameterTensors(new Map(parameters.map(({ name, variable }) => [name, variable])));
  return {
    parameters,
    loss({ inputs, targets }) {
      const stream = embed(tensors.get('tokenEmbedding.weight') as tf.Tensor2D, inputs);
      const hidden = linear(stream, 'block.hidden', tensors);
      const active = tf.mul(hidden, tf.tanh(tf.mul(hidden, tensors.get('block.activation.alpha'))));
      const normed = rmsNorm(tf.add(stream, active) as tf.Tensor2D, tensors.get('norm.gain') as tf.Tensor1D, 1e-6);
      return linearCrossEntropy(normed, tensors.get('output.weight') as tf.Tensor2D, targets);
    },
  };
}

/** Rows `first` to `last` of an endless, fixed batch. */
export function tokenRows(first: number, last: number): TokenBatch {
  const tokens = Array.from({ length: last - first }, (_, row) => (31 * (first + row)) % vocabulary);
  return {
    inputs: tf.tensor1d(tokens, 'int32'),
    targets: tf.tensor1d(
      tokens.map((token) => (7 * token * token + 3) % vocabulary),
      'int32',
    ),
  };
}

export function snapshot({ parameters }: { parameters: readonly Parameter[] }): Map<string, Float64Array> {
  return new Map(parameters.map(({ name, variable }) => [name, Float64Array.from(variable.dataSync())]));
}
