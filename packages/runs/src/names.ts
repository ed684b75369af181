import type { StoredTensor } from './safetensors.ts';

/** Names of the files in a run folder. */

/** The file that makes a folder a run's. */
export const configFile = 'config.json';
export const metricsFile = 'metrics.jsonl';
/** The sign that a run is over. */
export const summaryFile = 'summary.json';
export const checkpointsFolder = 'checkpoints';
/** Files of a checkpoint. */
export const weightsFile = 'weights.safetensors';
export const optimizerFile = 'optimizer.safetensors';
export const stateFile = 'state.json';

const folderName = /^step-(\d{8,})$/;

/** Everything that is needed to go on exactly as if training had never stopped. */
export interface CheckpointContent {
  readonly weights: ReadonlyMap<string, StoredTensor>;
  readonly optimizer: ReadonlyMap<string, StoredTensor>;
  /** Anything JSON can hold; `step` is added. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** The name of a checkpoint's folder: `step-00001000`. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

/** The step of a folder with a checkpoint's name, or undefined. */
export function checkpointStep(name: string): number | undefined {
  const digits = folderName.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
