import { dirname } from 'node:path';
import { InputError } from '../errors.ts';
import { onnxRuntime } from '../runtime/library.ts';
import { hasProvider } from './folder.ts';
import { nvidiaGpus, unfit } from './gpus.ts';
import { loadCuda } from './libraries.ts';

/** Whether ONNX Runtime has a CUDA provider for this kind of machine. */
export const hasCuda = process.platform === 'linux' && process.arch === 'x64';

/** Reason why a GPU cannot be used here, in one line with what to do; undefined where nothing is known to be missing. */
export function cudaProblem(index: number): string | undefined {
  if (!hasCuda)
    return 'it is for Linux x64 only; device "webgpu" (--set backend.device=webgpu) computes on GPUs of other machines';
  const gpus = nvidiaGpus();
  if (typeof gpus === 'string') return gpus;
  const gpu = gpus[index];
  if (gpu === undefined) {
    const last = gpus.length === 1 ? 'cuda:0 is the only GPU' : `the GPUs are cuda:0 to cuda:${gpus.length - 1}`;
    return `there is no such GPU, ${last}`;
  }
  const folder = dirname(onnxRuntime().file);
  return unfit(gpu) ?? missingLibraries(folder);
}

function missingLibraries(folder: string): string | undefined {
  const missing = hasProvider(folder)
    ? loadCuda(folder)
    : "ONNX Runtime's CUDA provider and NVIDIA's libraries are missing";
  return missing && `${missing}; \`dynact setup cuda\` (setupCuda() of this package) brings them`;
}

/** Loads NVIDIA's libraries for a GPU. Throws an InputError that says in one line what is missing. */
export function prepareCuda(index: number): void {
  // GPUs are numbered as nvidia-smi does, rather than the fastest first. CUDA reads this when it starts.
  process.env.CUDA_DEVICE_ORDER ??= 'PCI_BUS_ID';
  const problem = cudaProblem(index);
  if (problem !== undefined) throw new InputError(`onnxruntime backend: device "cuda:${index}": ${problem}`);
}
