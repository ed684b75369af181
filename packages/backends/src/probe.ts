import * as tf from '@tensorflow/tfjs-core';
import { loadTensorflow, tensorflowPackage } from './tensorflow.ts';

const backendNames = ['tensorflow', 'onnxruntime', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** Whether a backend can be used here, and the reason. */
export interface BackendProbe {
  readonly name: BackendName;
  readonly loads: boolean;
  /** Whether it has every kernel that training needs. */
  readonly trains: boolean;
  /** Set for tensorflow where it loads. */
  readonly usesGpu?: boolean;
  readonly version?: string;
  /** One line on what it is, or lacks. */
  readonly note: string;
}

/** Tries every backend by loading it, best first. */
export async function probeBackends(): Promise<BackendProbe[]> {
  return bestFirst([await probeTensorflow(), await probeOnnxRuntime(), await probeWasm(), probeCpu()]);
}

/**
 * `tensorflow` comes before `onnxruntime` only on a GPU: on a CPU it is slower and takes more memory (`pnpm bench
 * engine`).
 */
export function bestFirst(probes: readonly BackendProbe[]): BackendProbe[] {
  const place = ({ name, loads, usesGpu }: BackendProbe): number =>
    name === 'tensorflow' && loads && usesGpu !== true
      ? backendNames.indexOf('onnxruntime') + 0.5
      : backendNames.indexOf(name);
  return probes.toSorted((a, b) => place(a) - place(b));
}

async function probeTensorflow(): Promise<BackendProbe> {
  const name = 'tensorflow';
  const found = tensorflowPackage();
  if ('missing' in found) return { name, loads: false, trains: false, note: found.missing };
  const { version } = found;
  const active = tf.getBackend() as string | undefined;
  try {
    const { usesGpu } = await loadTensorflow(found);
    const where = usesGpu ? 'on a GPU' : 'on the CPU, where onnxruntime is faster';
    return { name, loads: true, trains: true, usesGpu, version, note: `${found.name} ${version}, native, ${where}` };
  } catch (error) {
    const note = `${found.name}: its addon does not work (${firstLine(error)})`;
    return { name, loads: false, trains: false, version, note };
  } finally {
    if (active !== undefined) await tf.setBackend(active);
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
    note: 'plain JavaScript, hundreds of times slower; for checking',
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] as string;
}
