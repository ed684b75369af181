import type { ActivationRecord } from './schemas.ts';

/** The value of an activation's parameter; of one with a value for each channel, their mean. */
export function activationMean({ value }: Pick<ActivationRecord, 'value'>): number {
  return typeof value === 'number' ? value : value.reduce((sum, each) => sum + each, 0) / value.length;
}
