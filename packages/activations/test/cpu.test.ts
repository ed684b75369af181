import * as tf from '@tensorflow/tfjs';
import { describe } from 'vitest';
import { backendSuite, secondOrderSuite } from './support/suite.ts';

backendSuite('cpu', { value: 2e-6, gradient: 1e-3 }, async () => {
  await tf.setBackend('cpu');
});

describe('second derivatives', secondOrderSuite);
