import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError, readJson, syncDirectory, systemErrorCode, temporaryPath, writeFileSynced } from '@dynact/files';
import { type CheckpointState, checkpointStateSchema } from './records/schemas.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

/** Where a complete checkpoint lies. */
export interface CheckpointEntry {
  readonly step: number;
  readonly directory: string;
}

/** What a checkpoint holds: all that is needed to go on exactly as if training had never stopped. */
export interface CheckpointContent {
  readonly weights: ReadonlyMap<string, StoredTensor>;
  readonly optimizer: ReadonlyMap<string, StoredTensor>;
  /** Anything JSON can hold; `step` is added. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** A checkpoint that was read. */
export interface Checkpoint extends CheckpointEntry, CheckpointContent {
  readonly state: CheckpointState;
}

const weightsFile = 'weights.safetensors';
const optimizerFile = 'optimizer.safetensors';
const stateFile = 'state.json';
const folderName = /^step-(\d{8,})$/;

/** The name of a checkpoint's folder: `step-00001000`. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

/** The step of a folder with a checkpoint's name, or undefined. */
export function checkpointStep(name: string): number | undefined {
  const digits = folderName.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The complete checkpoints in a folder, by step. */
export function listCheckpoints(directory: string): CheckpointEntry[] {
  if (!existsSync(directory)) return [];
  const entries: CheckpointEntry[] = [];
  for (const name of readdirSync(directory)) {
    const step = checkpointStep(name);
    const path = join(directory, name);
    if (step === undefined) continue;
    if ([weightsFile, optimizerFile, stateFile].every((file) => existsSync(join(path, file)))) {
      entries.push({ step, directory: path });
    }
  }
  return entries.sort((a, b) => a.step - b.step);
}

/** Writes a checkpoint so that it appears complete or not at all: temporary folder, every file synced, rename, sync. */
export function writeCheckpointFolder(directory: string, step: number, content: CheckpointContent): CheckpointEntry {
  const target = join(directory, checkpointName(step));
  const temporary = temporaryPath(target);
  const replaced = temporaryPath(target);
  mkdirSync(temporary, { recursive: true });
  try {
    writeFileSynced(join(temporary, weightsFile), encodeSafetensors(content.weights));
    writeFileSynced(join(temporary, optimizerFile), encodeSafetensors(content.optimizer));
    writeFileSynced(join(temporary, stateFile), `${JSON.stringify({ ...content.state, step }, null, 2)}\n`);
    syncDirectory(temporary);
    // Only a run that went back to an older checkpoint comes by the same step again.
    if (existsSync(target)) renameSync(target, replaced);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  syncDirectory(directory);
  rmSync(replaced, { recursive: true, force: true });
  return { step, directory: target };
}

/** Removes a checkpoint so that a kill in the middle leaves nothing that looks like one. */
export function deleteCheckpointFolder(directory: string): void {
  const aside = temporaryPath(directory);
  renameSync(directory, aside);
  syncDirectory(dirname(directory));
  rmSync(aside, { recursive: true, force: true });
}

/** Reads a checkpoint; `optimizer` false leaves its optimizer state unread (an empty map). */
export function readCheckpointFolder(entry: CheckpointEntry, optimizer = true): Checkpoint {
  const advice = 'delete that checkpoint folder to use the one before it';
  const state = readJson(join(entry.directory, stateFile), checkpointStateSchema, advice);
  return {
    ...entry,
    weights: readTensors(join(entry.directory, weightsFile), advice),
    optimizer: optimizer ? readTensors(join(entry.directory, optimizerFile), advice) : new Map(),
    state,
  };
}

function readTensors(path: string, advice: string): Map<string, StoredTensor> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw new InputError('run-folder', `${path} does not exist; ${advice}`);
  }
  try {
    return decodeSafetensors(bytes, path).tensors;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError('run-folder', `${error.message}; ${advice}`);
  }
}
