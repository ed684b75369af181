import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  test: { name: 'dashboard', isolate: true, maxConcurrency: 2, expect: { poll: { timeout: 30_000 } } },
});
