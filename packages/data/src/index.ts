export { type DatasetDefinition, datasetDefinitionJsonSchema } from './definition.ts';
export { type DatasetInspection, inspectDataset, type SplitInspection } from './inspect-dataset.ts';
export { type DatasetSummary, listDatasets } from './list-datasets.ts';
export { type DatasetManifest, type SplitName, splitNames, type TokenCounts } from './manifest.ts';
export { findFolder } from './prepare/origin.ts';
export { openPrepared, type PrepareOptions, type PrepareProgress, prepareDataset } from './prepare/prepare-dataset.ts';
export { openDataset, type PreparedDataset } from './prepared-dataset.ts';
export {
  type Batch,
  createEvaluationWindows,
  createTrainingBatches,
  type EvaluationWindow,
  type EvaluationWindows,
  joinedWindows,
  type TrainingBatches,
  type TrainingBatchOptions,
} from './read/batches.ts';
export type { TokenFile } from './read/token-file.ts';
export type { DatasetFolders } from './read-definition.ts';
export type { Tokenizer, TokenizerDescription } from './tokenizer/byte-pair-tokenizer.ts';
export { type EncodingName, encodingNames, encodingSplitPattern } from './tokenizer/encodings.ts';
export { createTokenizer } from './tokenizer/tokenizer.ts';
