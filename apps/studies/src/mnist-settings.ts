import type { Metric } from '@dynact/runs/records';

/** Share of the test split that is classified right. */
export const accuracy: Metric = { name: 'accuracy', unit: '%', lowerIsBetter: false, scale: 'linear' };

/** Activations of the studies on MNIST, the baseline first. */
export const baseActivations = {
  relu: { name: 'relu' },
  mish: { name: 'mish' },
  silu: { name: 'silu' },
  'dynactivation-relu': { name: 'dynactivation', base: 'relu' },
  'dynactivation-mish': { name: 'dynactivation', base: 'mish' },
  'dynactivation-silu': { name: 'dynactivation', base: 'silu' },
};
