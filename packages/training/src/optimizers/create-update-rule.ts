import type { OptimizerConfig } from '../config/schema.ts';
import { adam } from './adam.ts';
import type { UpdateRule } from './update-rule.ts';

/** The rule that the configuration names. */
export function createUpdateRule(config: OptimizerConfig): UpdateRule {
  switch (config.name) {
    case 'adamw':
      return adam(config);
  }
}
