import { assertDevice } from '../runtime/device.ts';
import { deviceOf } from '../runtime/devices/index.ts';
import { messageOf } from '../runtime/library.ts';
import { type Gpu, nvidiaGpus } from './gpus.ts';

/** The NVIDIA GPUs of this machine. */
export interface CudaState {
  /** In the order of cuda:0, cuda:1, ...; empty without a driver. */
  readonly gpus: readonly Gpu[];
  /** Reason why device "cuda" does not work, in one line with what to do; undefined where it works. */
  readonly missing?: string;
}

/** Looks for GPUs, and tries the first. */
export function cudaState(): CudaState {
  const found = nvidiaGpus();
  const gpus = typeof found === 'string' ? [] : found;
  try {
    assertDevice(deviceOf({ device: 'cuda', tf32: true }));
    return { gpus };
  } catch (error) {
    return { gpus, missing: messageOf(error).replace(/^onnxruntime backend: device "[^"]*":? /, '') };
  }
}
