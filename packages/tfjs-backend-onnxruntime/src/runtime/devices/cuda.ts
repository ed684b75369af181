import type { Device } from './device.ts';

/** NVIDIA GPUs. Results come back to main memory: onnxruntime-node knows no tensor in CUDA's. */
export const cuda: Device = {
  name: 'cuda',
  providers: ['cuda', 'cpu'],
  needs:
    "an NVIDIA GPU, CUDA 12 with cuDNN 9, and ONNX Runtime's CUDA libraries, which " +
    '`npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12` downloads (Linux x64)',
  residentElements: Number.POSITIVE_INFINITY,
  writesIntoArrays: false,
  logging: 'error',
  differences: {},
};
