import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { backendSuite } from './support/suite.ts';

backendSuite('wasm', { value: 2e-6, gradient: 1e-3 }, async () => {
  await tf.setBackend('wasm');
});
