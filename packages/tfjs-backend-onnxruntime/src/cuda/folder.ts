import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../runtime/native-files.cjs';
import { onnxRuntimeVersion } from './wheels.ts';

/** The provider's file, which ONNX Runtime looks for beside its own library. */
const provider = 'libonnxruntime_providers_cuda.so';

/** Folder of ONNX Runtime with its CUDA provider and NVIDIA's libraries: DYNACT_CUDA, or in the project's cache. */
export function cudaFolder(): string {
  const name = `cuda-${onnxRuntimeVersion}`;
  return process.env.DYNACT_CUDA || join(projectFolder(), 'node_modules', '.cache', 'dynact', name);
}

/** Whether a folder has ONNX Runtime's CUDA provider. */
export function hasProvider(folder: string): boolean {
  return existsSync(join(folder, provider));
}
