import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  test: { name: 'playground', isolate: true, expect: { poll: { timeout: 30_000 } } },
});
