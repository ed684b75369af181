import type { Device } from './device.ts';

/** NVIDIA GPUs. Results come back to main memory. */
export const cuda: Device = {
  name: 'cuda',
  providers: [{ name: 'CUDA', options: {} }],
  memory: 'Cuda',
  needs:
    "an NVIDIA GPU, CUDA 12 with cuDNN 9, and ONNX Runtime's CUDA libraries (Linux x64): " +
    "the commands are in the package's docs/options.md",
  residentElements: Number.POSITIVE_INFINITY,
  logging: 'error',
  differences: { indicesAreUnchecked: { version: '1.30.0' } },
};
