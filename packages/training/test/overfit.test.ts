import '@tensorflow/tfjs';
import { registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { feedForwardKindNames } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { stepsToOverfit } from './support/overfit.ts';

beforeAll(async () => {
  registerOnnxRuntimeBackend({ threads: 2 });
  await tf.setBackend('onnxruntime');
});

// Every activation of the registry as a gate and as a plain layer: checks/overfit.check.ts.
test.each(feedForwardKindNames)('%s learns one batch by heart in under 300 steps', async (kind) => {
  expect(await stepsToOverfit({ kind }, 299)).toBeLessThan(300);
});
