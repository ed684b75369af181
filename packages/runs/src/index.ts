export { type ActivationRun, activationChart, renderActivationChart } from './activation-chart.ts';
export { formatPerplexity, perplexityChart, renderPerplexityChart } from './chart.ts';
export { type Checkpoint, type CheckpointContent, type CheckpointEntry, checkpointName } from './checkpoints.ts';
export { InputError } from './errors.ts';
export { readJson, removeLeftovers, writeFileAtomic, writeJsonAtomic } from './files.ts';
export { type FolderLock, lockFolder } from './lock.ts';
export { evaluatedSteps, type ReportExtras, renderReport } from './report.ts';
export {
  createRunFolder,
  locateCheckpoint,
  openRunFolder,
  RunFolder,
  RunReader,
  readRunFolder,
} from './run-folder.ts';
export { decodeSafetensors, encodeSafetensors, type SafetensorsContent, type StoredTensor } from './safetensors.ts';
export { type SampledRun, sampleLine, shownSamples } from './samples.ts';
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
