/** A whole block without a gate: down(relu(up x)^2). */
import { defineFeedForward } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';

defineFeedForward({
  name: 'squared',
  block: ({ hiddenWidth, linear, output }) => {
    const [up, down] = [linear('up', hiddenWidth), output('down', hiddenWidth)];
    return (x) => down(tf.square(tf.relu(up(x))));
  },
});
