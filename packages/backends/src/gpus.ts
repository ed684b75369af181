import type { CudaSetupOptions, CudaState } from '@dynact/tfjs-backend-onnxruntime';
import type { MachineMemory } from './memory.ts';

export type { CudaState };

/** The NVIDIA GPUs here, and what they lack; undefined where the backend that would run on them does not load. */
export async function gpuState(): Promise<CudaState | undefined> {
  return (await loadedBackend())?.cudaState();
}

async function loadedBackend() {
  try {
    return await import('@dynact/tfjs-backend-onnxruntime');
  } catch {
    return undefined;
  }
}

/** Memory of the GPU that a device names; undefined where that is none, or none is here. */
export async function gpuMemory(device: string): Promise<MachineMemory | undefined> {
  const [kind, index = '0'] = device.split(':');
  if (kind !== 'cuda') return undefined;
  const gpus = (await loadedBackend())?.nvidiaGpus() ?? '';
  const gpu = typeof gpus === 'string' ? undefined : gpus[Number(index)];
  if (gpu === undefined || gpu.memory === null) return undefined;
  return { total: gpu.memory, available: gpu.free ?? gpu.memory };
}

/**
 * Installs what device cuda needs beside a driver.
 * @returns the folder
 * @throws an error of `exitCode` 2 where that is not possible here
 */
export async function setUpCuda(options: CudaSetupOptions): Promise<string> {
  const { setupCuda } = await import('@dynact/tfjs-backend-onnxruntime');
  return setupCuda(options);
}
