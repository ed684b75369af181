export type { Checkpoint, CheckpointEntry } from './checkpoints.ts';
export { type CheckpointContent, checkpointName, configFile, metricsFile } from './names.ts';
export { holdsRun, isRunConfig } from './run-config.ts';
export { createRunFolder, FollowedRun, openRunFolder, RunFolder, type WritableRun } from './run-folder.ts';
export { locateCheckpoint, RunReader, readRunFolder } from './run-reader.ts';
export { decodeSafetensors, encodeSafetensors, type SafetensorsContent, type StoredTensor } from './safetensors.ts';
export { readSafetensors, writeSafetensors } from './safetensors-file.ts';
export { TensorBoardLog } from './tensorboard.ts';
