import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../../vitest.shared.ts';

const checks = mergeConfig(sharedTestConfig, {
  test: {
    name: 'playground-checks',
    root: fileURLToPath(new URL('..', import.meta.url)),
    env: { PLAYGROUND_STEPS: '20' },
    // Each browser renders in software on all cores.
    maxWorkers: 1,
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 1_200_000,
    hookTimeout: 600_000,
  },
});
// Merged, the list would have the tests of every day, too, and they run out of time beside the long ones.
export default { ...checks, test: { ...checks.test, include: ['checks/**/*.check.ts', 'test/training.test.ts'] } };
