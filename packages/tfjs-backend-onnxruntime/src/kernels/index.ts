import { getKernelsForBackend, registerKernel } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import { runOnCpu } from '../fallback.ts';
import * as kernels from './all.ts';
import { type GraphKernel, registerGraphKernel } from './kernel.ts';

/** Every kernel that becomes part of a graph. */
export const graphKernels: readonly GraphKernel[] = Object.values<GraphKernel | readonly GraphKernel[]>(kernels).flat();

/** Registers the graph kernels, and tfjs-backend-cpu's kernel for everything else. */
export function registerKernels(backendName: string): void {
  for (const kernel of graphKernels) registerGraphKernel(kernel, backendName);
  const mapped = new Set(graphKernels.map(({ name }) => name));
  for (const { kernelName } of getKernelsForBackend('cpu')) {
    if (mapped.has(kernelName)) continue;
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => runOnCpu(kernelName, inputs, attrs, backend as OnnxRuntimeBackend),
    });
  }
}
