import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const backendNames = ['tensorflow', 'onnxruntime', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** Whether a backend can be used here, and the reason. */
export interface BackendProbe {
  readonly name: BackendName;
  readonly loads: boolean;
  /** Whether it has every kernel that training needs. */
  readonly trains: boolean;
  readonly version?: string;
  /** What it lacks, or what it is. */
  readonly note: string;
}

const require = createRequire(import.meta.url);
const tensorflowPackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** The TensorFlow package whose native addon was built, if any. */
export function tensorflowPackage(): { name: string; version: string } | { missing: string } {
  const reasons: string[] = [];
  for (const name of tensorflowPackages) {
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

/** Tries every backend by loading it, best first. */
export async function probeBackends(): Promise<BackendProbe[]> {
  return [await probeTensorflow(), await probeOnnxRuntime(), await probeWasm(), probeCpu()];
}

async function probeTensorflow(): Promise<BackendProbe> {
  const found = tensorflowPackage();
  if ('missing' in found) return { name: 'tensorflow', loads: false, trains: false, note: found.missing };
  try {
    await import(found.name);
    return { name: 'tensorflow', loads: true, trains: true, version: found.version, note: `${found.name}, native` };
  } catch (error) {
    const note = `${found.name}: its addon does not load (${firstLine(error)})`;
    return { name: 'tensorflow', loads: false, trains: false, version: found.version, note };
  }
}

async function probeOnnxRuntime(): Promise<BackendProbe> {
  try {
    const { backendVersions } = await import('@dynact/tfjs-backend-onnxruntime');
    const description = JSON.stringify(backendVersions())
      .replaceAll(/[{}"]/g, '')
      .replaceAll(',', ', ')
      .replaceAll(':', ' ');
    return { name: 'onnxruntime', loads: true, trains: true, note: description };
  } catch (error) {
    return { name: 'onnxruntime', loads: false, trains: false, note: `does not load: ${firstLine(error)}` };
  }
}

async function probeWasm(): Promise<BackendProbe> {
  try {
    await import('@tensorflow/tfjs-backend-wasm');
    const note = 'one thread; cannot train: it has no UnsortedSegmentSum, the gradient of an embedding';
    return { name: 'wasm', loads: true, trains: false, note };
  } catch (error) {
    return { name: 'wasm', loads: false, trains: false, note: `does not load: ${firstLine(error)}` };
  }
}

function probeCpu(): BackendProbe {
  return {
    name: 'cpu',
    loads: true,
    trains: true,
    note: 'plain JavaScript, about a hundred times slower; for checking',
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] as string;
}
