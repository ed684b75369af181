import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  // Loading TensorFlow.js for each of the many files takes longer than their tests, which register nothing.
  test: { isolate: false, name: 'tfjs-backend-onnxruntime' },
});
