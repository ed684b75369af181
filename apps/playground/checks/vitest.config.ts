import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  test: {
    name: 'playground-checks',
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['checks/**/*.check.ts', 'test/training.test.ts'],
    env: { PLAYGROUND_STEPS: '20' },
    testTimeout: 1_200_000,
    hookTimeout: 600_000,
  },
});
