import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

export interface TensorflowPackage {
  readonly name: (typeof packages)[number];
  readonly version: string;
}

/** The TensorFlow package whose native addon was built, if any. */
export function tensorflowPackage(): TensorflowPackage | { missing: string } {
  const reasons: string[] = [];
  for (const name of packages) {
    let folder: string;
    try {
      folder = dirname(require.resolve(`${name}/package.json`));
    } catch {
      reasons.push(`${name} is not installed`);
      continue;
    }
    const library = join(folder, 'lib');
    const addon = (existsSync(library) ? readdirSync(library) : [])
      .map((abi) => join(library, abi, 'tfjs_binding.node'))
      .find((path) => existsSync(path));
    if (addon !== undefined) return { name, version: (require(`${name}/package.json`) as { version: string }).version };
    reasons.push(`${name} is there without its native addon (its install script downloads libtensorflow)`);
  }
  return { missing: reasons.join('; ') };
}

/**
 * Loads a package, makes `tensorflow` the active backend and computes something, because an addon that loads may still fail.
 * @param threads of each operation; every core by default
 * @returns whether it computes on a GPU
 */
export async function loadTensorflow({ name }: TensorflowPackage, threads?: number): Promise<{ usesGpu: boolean }> {
  // Both are read when the library starts. Its greetings would stand between lines of progress.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  if (threads !== undefined) process.env.TF_NUM_INTRAOP_THREADS = `${threads}`;
  restoreRemovedFunctions(require('node:util') as Record<string, unknown>);
  await import(name);
  await tf.setBackend('tensorflow');
  tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(1)).dataSync());
  return { usesGpu: (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true };
}

/** Node 23 took two functions out of its `util` that tfjs-node 4.22 calls; the rest of it works there. */
export function restoreRemovedFunctions(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
