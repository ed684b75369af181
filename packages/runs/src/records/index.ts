export * from './schemas.ts';
export {
  fewestSeeds,
  type LossBySeed,
  meanAndDeviation,
  mostSeeds,
  type PairedStatistics,
  pairedComparison,
  signFlipPValue,
  studentQuantile,
  type Verdict,
  verdict,
} from './statistics.ts';
export { divergedRuns, lastPaired, verdictSentence } from './verdict-sentence.ts';
