import * as tf from '@tensorflow/tfjs-core';
import { constantParameter, type Parameter } from '../parameters.ts';
import { uniformParameter } from './uniform-parameter.ts';

/** A recurrent layer. */
export interface RecurrentLayer {
  readonly parameters: readonly Parameter[];
  /** @param x [batch, time, inputs] @returns the hidden state after the last time, [batch, units] */
  apply(x: tf.Tensor3D): tf.Tensor2D;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates) in PyTorch's order of gates i, f, g, o:
 * c' = sigmoid(f) c + sigmoid(i) activation(g), h' = sigmoid(o) activation(c'). `<name>.input` [inputs, 4 units],
 * `<name>.recurrent` [units, 4 units], `<name>.bias` [4 units]; uniform in +-1 / sqrt(units), the bias 0.
 */
export function lstm(
  name: string,
  options: {
    inputs: number;
    units: number;
    /** Activation of the candidate and of the cell; tanh by default. */
    activation?: (x: tf.Tensor2D) => tf.Tensor2D;
  },
): RecurrentLayer {
  const { inputs, units, activation = (x: tf.Tensor2D): tf.Tensor2D => tf.tanh(x) } = options;
  const bound = 1 / Math.sqrt(units);
  const input = uniformParameter(`${name}.input`, [inputs, 4 * units], bound);
  const recurrent = uniformParameter(`${name}.recurrent`, [units, 4 * units], bound);
  const bias = constantParameter(`${name}.bias`, [4 * units], 'bias', 0);
  return {
    parameters: [input, recurrent, bias],
    apply(x) {
      const [batch, time] = x.shape;
      // One product for all times: only the recurrent part has to wait.
      const rows: tf.Tensor2D = tf.reshape(x, [batch * time, inputs]);
      const projected = tf.add(tf.matMul(rows, input.variable as tf.Tensor2D), bias.variable);
      const byTime = tf.unstack(tf.reshape(projected, [batch, time, 4 * units]), 1) as tf.Tensor2D[];
      let hiddenState: tf.Tensor2D = tf.zeros([batch, units]);
      let cell: tf.Tensor2D = tf.zeros([batch, units]);
      for (const fromInput of byTime) {
        const gates = tf.add(fromInput, tf.matMul(hiddenState, recurrent.variable as tf.Tensor2D));
        const [i, f, g, o] = tf.split(gates, 4, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        cell = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), activation(g)));
        hiddenState = tf.mul(tf.sigmoid(o), activation(cell));
      }
      return hiddenState;
    },
  };
}
