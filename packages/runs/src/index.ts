export { type Checkpoint, type CheckpointContent, type CheckpointEntry, checkpointName } from './checkpoints.ts';
export { isRunConfig } from './run-config.ts';
export {
  createRunFolder,
  FollowedRun,
  locateCheckpoint,
  openRunFolder,
  RunFolder,
  RunReader,
  readRunFolder,
  type WritableRun,
} from './run-folder.ts';
export { decodeSafetensors, encodeSafetensors, type SafetensorsContent, type StoredTensor } from './safetensors.ts';
export { readSafetensors, writeSafetensors } from './safetensors-file.ts';
export { TensorBoardLog } from './tensorboard.ts';
