import '@tensorflow/tfjs';
import { activationNames } from '@dynact/activations/registry';
import { registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { stepsToOverfit } from '../test/support/overfit.ts';

beforeAll(async () => {
  registerOnnxRuntimeBackend({ threads: 2 });
  await tf.setBackend('onnxruntime');
});

describe.each(['swiglu', 'mlp'])('one batch by heart in under 300 steps, as %s', (kind) => {
  test.each(activationNames())('%s', async (name) => {
    const steps = await stepsToOverfit({ kind, activation: { name } }, 299);
    expect(steps).toBeLessThan(300);
  });
});
