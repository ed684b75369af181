import type { Device } from './device.ts';

/** NVIDIA GPUs. Results come back to main memory: onnxruntime-node knows no tensor in CUDA's. */
export const cuda: Device = {
  name: 'cuda',
  providers: ['cuda', 'cpu'],
  needs:
    "an NVIDIA GPU, CUDA 12 with cuDNN 9, and ONNX Runtime's CUDA libraries (Linux x64): " +
    "the commands are in the package's docs/options.md",
  residentElements: Number.POSITIVE_INFINITY,
  writesIntoArrays: false,
  logging: 'error',
  differences: { indicesAreUnchecked: { version: '1.30.0' } },
};
