import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  test: {
    name: 'playground',
    isolate: true,
    // Each browser renders in software on all cores, beside another package's tests.
    maxWorkers: 1,
    expect: { poll: { timeout: 120_000 } },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
