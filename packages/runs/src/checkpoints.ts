import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  InputError,
  readJson,
  syncDirectory,
  systemErrorCode,
  temporaryPath,
  unwritable,
  writeFileSynced,
} from '@dynact/files';
import {
  type CheckpointContent,
  checkpointName,
  checkpointStep,
  optimizerFile,
  stateFile,
  weightsFile,
} from './names.ts';
import { type CheckpointState, checkpointStateSchema } from './records/schemas.ts';
import type { StoredTensor } from './safetensors.ts';
import { readSafetensors, writeSafetensors } from './safetensors-file.ts';

/** Where a complete checkpoint lies. */
export interface CheckpointEntry {
  readonly step: number;
  readonly directory: string;
}

/** A checkpoint that was read. */
export interface Checkpoint extends CheckpointEntry, CheckpointContent {
  readonly state: CheckpointState;
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

/**
 * Writes a checkpoint so that it appears complete or not at all: temporary folder, every file synced, rename, sync.
 * @param assertHeld throws where the folder has become another process's while this one wrote, or stood still
 */
export function writeCheckpointFolder(
  directory: string,
  step: number,
  content: CheckpointContent,
  assertHeld: () => void,
): CheckpointEntry {
  const target = join(directory, checkpointName(step));
  const temporary = temporaryPath(target);
  const replaced = temporaryPath(target);
  mkdirSync(temporary, { recursive: true });
  try {
    const sha256 = {
      weights: writeSafetensors(join(temporary, weightsFile), content.weights),
      optimizer: writeSafetensors(join(temporary, optimizerFile), content.optimizer),
    };
    writeFileSynced(join(temporary, stateFile), `${JSON.stringify({ ...content.state, step, sha256 }, null, 2)}\n`);
    syncDirectory(temporary);
    assertHeld();
    // Only a run that went back to an older checkpoint comes by the same step again.
    if (existsSync(target)) renameSync(target, replaced);
    renameSync(temporary, target);
  } catch (error) {
    // Whoever took the folder over has removed what was half-written, and may have written this checkpoint.
    if (existsSync(replaced) && !existsSync(target)) renameSync(replaced, target);
    rmSync(temporary, { recursive: true, force: true });
    throw unwritable(target, error);
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

/**
 * Reads a checkpoint; `optimizer` false leaves its optimizer state unread (an empty map).
 * @throws InputError when one of its files is damaged, or of another step
 */
export function readCheckpointFolder(entry: CheckpointEntry, optimizer = true): Checkpoint {
  const { sha256, ...state } = readJson(join(entry.directory, stateFile), checkpointStateSchema, advice);
  if (state.step !== entry.step) {
    throw new InputError('run-folder', `${entry.directory}/${stateFile} is of step ${state.step}; ${advice}`);
  }
  return {
    ...entry,
    weights: readTensors(join(entry.directory, weightsFile), sha256?.weights),
    optimizer: optimizer ? readTensors(join(entry.directory, optimizerFile), sha256?.optimizer) : new Map(),
    state,
  };
}

const advice = 'delete that checkpoint folder to use the one before it';

function readTensors(path: string, sha256: string | undefined): Map<string, StoredTensor> {
  try {
    const { tensors } = readSafetensors(path, sha256);
    const [whole] = [...tensors].find(([, { data }]) => !(data instanceof Float32Array)) ?? [];
    if (whole === undefined) return tensors;
    throw new InputError('run-folder', `${path}: ${whole} holds whole numbers; checkpoints hold F32 values only`);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') throw new InputError('run-folder', `${path} does not exist; ${advice}`);
    if (code === 'ERR_OUT_OF_RANGE' || error instanceof RangeError) {
      throw new InputError('device', `${path} does not fit into memory; take a machine with more`);
    }
    if (!(error instanceof InputError)) throw error;
    throw new InputError('run-folder', `${error.message}; ${advice}`);
  }
}
