import { createOptimizer, type GradientTransform, optimizerSchema } from '@dynact/nn';

/** Adam as Kingma and Ba publish it (arXiv 1412.6980): no decay, no clipping, one learning rate. */
export function plainAdam(learningRate: number): GradientTransform {
  return createOptimizer(optimizerSchema.parse({ weightDecay: 0, beta2: 0.999 }), () => learningRate, null);
}
