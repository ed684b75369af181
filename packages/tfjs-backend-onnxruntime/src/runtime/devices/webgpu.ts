import type { Device } from './device.ts';

const version = '1.30.0';

/** GPUs by Vulkan, Metal or Direct3D 12. The cpu computes operators that have no shader. */
export const webgpu: Device = {
  name: 'webgpu',
  providers: [{ name: 'WebGPU', options: {} }],
  memory: 'WebGPU_Buf',
  index: 0,
  needs: 'a GPU with a Vulkan, Metal or Direct3D 12 driver (on Debian `pnpm setup:system` installs a software one)',
  // A loss is wanted in main memory anyway.
  residentElements: 256,
  logging: 'error',
  differences: {
    indicesAreUnchecked: { version },
    reluLosesNaN: { version, source: 'https://github.com/microsoft/onnxruntime/issues/11010' },
    clipLosesNaN: { version, source: 'https://github.com/onnx/onnx/issues/6003' },
    softmaxLosesNaN: { version, source: 'https://github.com/microsoft/onnxruntime/pull/24855' },
    castSaturates: { version, source: 'https://www.w3.org/TR/WGSL/#floating-point-conversion' },
    splitHasFewOutputs: { version, source: 'https://github.com/gpuweb/gpuweb/issues/4235' },
    convIgnoresEndPadding: { version },
    convTransposeIsFlat: { version, source: 'https://github.com/microsoft/onnxruntime/issues/28356' },
    convTransposeMixesGroups: { version },
    maxPoolHasNoPositions: { version, source: 'https://github.com/microsoft/onnxruntime/pull/23714' },
    scatterRaces: { version },
    integersReduceAsFloats: { version },
    fusedMatMulIsMissing: { version },
    isNaNIsMissing: { version },
    oneHotIsMissing: { version },
    topKFillsUp: { version },
    arcSineIsCoarse: { version, source: 'https://www.w3.org/TR/WGSL/#floating-point-accuracy' },
    tanhIsCoarse: { version, source: 'https://www.w3.org/TR/WGSL/#floating-point-accuracy' },
  },
};
