export { OrderedSum } from './ordered-sum.ts';
export { localRank, type Peers, Ranks } from './ranks.ts';
