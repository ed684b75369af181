import { type DropoutDraws, dropout } from '@dynact/nn';
import type { Drop } from './blocks/block.ts';

/** Drops with the given probability, by draws of one mask a site. */
export function dropBy(draws: readonly DropoutDraws[], probability: number): Drop {
  return (x, site) => {
    const ofSite = draws[site];
    return ofSite === undefined ? x : dropout(x, ofSite, probability);
  };
}
