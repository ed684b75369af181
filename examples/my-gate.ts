/** x tanh(c x), with a trainable c: `my-gate` is a gate of it, `mlp.my-gate` a plain block. */
import { defineActivation } from '@dynact/activations';
import * as tf from '@tensorflow/tfjs-core';

defineActivation({
  name: 'my-gate',
  parameters: { c: { initial: 1 } },
  value: (x, { c }) => tf.mul(x, tf.tanh(tf.mul(c, x))),
});
