import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import { type BackendOptions, registerOnnxRuntimeBackend } from '../../src/index.ts';

// The specs read the environments while they load, so this module comes before them.
const backendName = process.env.CONFORMANCE_BACKEND ?? 'onnxruntime';
if (backendName === 'onnxruntime') {
  const device = (process.env.CONFORMANCE_DEVICE ?? 'cpu') as BackendOptions['device'] & string;
  // The specs compare with all digits of float32.
  registerOnnxRuntimeBackend({ threads: Number(process.env.CONFORMANCE_THREADS ?? 1), device, tf32: false });
}
setTestEnvs([{ name: 'conformance', backendName, isDataSync: true }]);
