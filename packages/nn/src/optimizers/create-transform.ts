import { adam } from './adam.ts';
import { chain, partition } from './chain.ts';
import type { GradientTransform } from './gradient-transform.ts';
import { lion } from './lion.ts';
import { momentum } from './momentum.ts';
import type { OptimizerConfig } from './optimizer-schema.ts';
import { orthogonalize } from './orthogonalize.ts';

/** The transform that the configuration names. */
export function createTransform(config: OptimizerConfig): GradientTransform {
  switch (config.name) {
    case 'adamw':
      return adam(config);
    case 'sgd':
      return momentum(config);
    case 'lion':
      return lion(config);
    case 'muon':
      // Embeddings and the output matrix are tables of vectors, one a token, to which orthogonality means nothing.
      return partition((parameter) => (parameter.group === 'matrix' ? 'matrices' : 'others'), {
        matrices: chain(momentum({ momentum: config.momentum, nesterov: true }), orthogonalize(config)),
        others: adam(config),
      });
  }
}
