import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import { registerOnnxRuntimeBackend } from '../../src/index.ts';

// The specs read the environments while they load, so this module comes before them.
const backendName = process.env.CONFORMANCE_BACKEND ?? 'onnxruntime';
if (backendName === 'onnxruntime') {
  const device = process.env.CONFORMANCE_DEVICE === 'webgpu' ? 'webgpu' : 'cpu';
  registerOnnxRuntimeBackend({ threads: Number(process.env.CONFORMANCE_THREADS ?? 1), device });
}
setTestEnvs([{ name: 'conformance', backendName, isDataSync: true }]);
