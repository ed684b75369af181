import * as tf from '@tensorflow/tfjs-core';
import {
  constantParameter,
  embed,
  linear,
  linearCrossEntropy,
  normalParameter,
  type Objective,
  Parameter,
  rmsNorm,
} from '../../src/index.ts';

const [vocabulary, width] = [23, 6];

/** Tokens [rows] int32, and what follows each. */
export type TokenBatch = { readonly inputs: tf.Tensor1D; readonly targets: tf.Tensor1D };

/** A network of one token's context with a parameter of every group; the activation is x tanh(alpha x). */
export function tinyNetwork(trainsActivation = true): Objective<TokenBatch> & { readonly parameters: Parameter[] } {
  const embedding = normalParameter('tokenEmbedding.weight', [vocabulary, width], 'embedding', 0.5);
  const layer = linear('block.hidden', { inputs: width, outputs: width, standardDeviation: 0.4, bias: true });
  const alpha = new Parameter({
    name: 'block.activation.alpha',
    shape: [],
    group: 'activation',
    trainable: trainsActivation,
    initialize: () => Float32Array.of(1),
  });
  const gain = constantParameter('norm.gain', [width], 'norm', 1);
  const output = normalParameter('output.weight', [vocabulary, width], 'output', 0.5);
  const parameters = [embedding, ...layer.parameters, alpha, gain, output];
  for (const parameter of parameters) parameter.create(1);
  return {
    parameters,
    loss({ inputs, targets }) {
      const stream = embed(embedding.variable as tf.Tensor2D, inputs);
      const raised = layer.apply(stream);
      const active = tf.mul(raised, tf.tanh(tf.mul(raised, alpha.variable)));
      const normed = rmsNorm(tf.add(stream, active) as tf.Tensor2D, gain.variable as tf.Tensor1D, 1e-6);
      return linearCrossEntropy(normed, output.variable as tf.Tensor2D, targets);
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
