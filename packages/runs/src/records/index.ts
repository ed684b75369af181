export { activationMean } from './activation-mean.ts';
export { comparisonDescriptionSchema, currentDescription } from './comparison-description.ts';
export { holmAdjusted, holmPValue } from './holm.ts';
export { type LongRow, longRows } from './long-table.ts';
export {
  comparedValue,
  differenceUnit,
  fixed,
  formatDifference,
  formatP,
  formatValue,
  type Metric,
  metricWords,
  percent,
  perplexity,
} from './metric.ts';
export { metricSchema } from './metric-schema.ts';
export { isObject } from './old-forms.ts';
export { pairedResults } from './paired-results.ts';
export { parseRunFolderName, runFolderName } from './run-folder-name.ts';
export * from './same-plugin.ts';
export * from './schemas.ts';
export {
  fewestSeeds,
  fewestSeedsFor,
  meanAndDeviation,
  meanAndHalfInterval,
  mostSeeds,
  type PairedStatistics,
  pairedComparison,
  signFlipPValue,
  type ValueBySeed,
  type Verdict,
  verdict,
} from './statistics.ts';
export { studentQuantile } from './student.ts';
export { divergedRuns, lastPaired, verdictSentence } from './verdict-sentence.ts';
