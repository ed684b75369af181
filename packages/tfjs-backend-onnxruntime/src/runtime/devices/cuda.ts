import type { Device } from './device.ts';

/** NVIDIA GPUs. */
export const cuda: Device = {
  name: 'cuda',
  providers: [{ name: 'CUDA', options: {} }],
  memory: 'Cuda',
  needs:
    "an NVIDIA GPU, CUDA 12 with cuDNN 9, and ONNX Runtime's CUDA libraries (Linux x64): " +
    "the commands are in the package's docs/options.md",
  // A loss is wanted in main memory anyway.
  residentElements: 256,
  logging: 'error',
  differences: { indicesAreUnchecked: { version: '1.30.0' } },
};
