import * as tf from '@tensorflow/tfjs-core';

/** How much of a large product is computed together. What does not fit is computed block by block, so that memory does not grow with it. */
export interface WorkingSet {
  /** Logits of the loss. */
  readonly logits: number;
  /** Positions of a sequence from which on attention goes by blocks of `positions` of them. */
  readonly fewestInBlocks: number;
  readonly positions: number;
  /** The loss computes logits for a multiple of so many classes. */
  readonly classes: number;
}

/** Caches are fast and small, and others use the main memory, too. */
const ofCpu: WorkingSet = { logits: 2 ** 25, fewestInBlocks: 512, positions: 256, classes: 1 };
/** Many drivers allow buffers of 128 MiB. */
const ofWebGpu: WorkingSet = { ...ofCpu, positions: 128 };
/**
 * Every block costs the start of its kernels, and the memory is there to be used: 1 GiB of logits. Matrix units read rows that
 * begin at round addresses; others, as of GPT-2's 50 257 classes, are slower.
 */
const ofGpu: WorkingSet = { logits: 2 ** 28, fewestInBlocks: 2048, positions: 512, classes: 64 };

/** The working set of a device as a backend names it: cpu, webgpu, cuda, cuda:1, ... */
export function workingSetOf(device: string): WorkingSet {
  if (device === 'webgpu') return ofWebGpu;
  return device.startsWith('cuda') ? ofGpu : ofCpu;
}

/** The working set of the active backend. */
export function activeWorkingSet(): WorkingSet {
  return workingSetOf(activeDevice());
}

/** The device of the active backend: cpu, webgpu, cuda, cuda:1, ... */
export function activeDevice(): string {
  const { options } = tf.backend() as { options?: { device?: string } };
  return options?.device ?? 'cpu';
}
