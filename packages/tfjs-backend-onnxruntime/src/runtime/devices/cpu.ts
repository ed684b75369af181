import type { Device } from './device.ts';

/** ONNX Runtime's own kernels, the reference for the other devices. */
export const cpu: Device = {
  name: 'cpu',
  providers: [],
  memory: 'Cpu',
  index: 0,
  needs: '',
  residentElements: Number.POSITIVE_INFINITY,
  logging: 'warning',
  differences: {
    sigmoidUnderflows: { version: '1.30.0', source: 'https://github.com/microsoft/onnxruntime/issues/22557' },
  },
};
