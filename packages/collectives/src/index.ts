export { OrderedSum } from './ordered-sum.ts';
export { localRank, Ranks } from './ranks.ts';
