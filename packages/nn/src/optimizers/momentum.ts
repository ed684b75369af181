import * as tf from '@tensorflow/tfjs-core';
import { type GradientTransform, transform } from './gradient-transform.ts';

/**
 * Heavy-ball momentum as PyTorch's SGD has it: V <- momentum V + g, and the update is V, or with `nesterov`
 * g + momentum V (Sutskever et al. 2013).
 */
export function momentum(options: { momentum: number; nesterov: boolean }): GradientTransform {
  const { momentum, nesterov } = options;
  if (momentum === 0) return transform({ apply: (gradient) => ({ update: gradient, slots: [] }) });
  return transform({
    slots: ['velocity'],
    apply(gradient, [velocity]) {
      const next = tf.add(tf.mul(velocity!, momentum), gradient);
      return { update: nesterov ? tf.add(gradient, tf.mul(next, momentum)) : next, slots: [next] };
    },
  });
}
