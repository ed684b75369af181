import { backendName } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs';
import { backendSuite } from './support/suite.ts';

backendSuite(backendName, { value: 2e-6, gradient: 1e-3 }, async () => {
  await tf.setBackend(backendName);
});
