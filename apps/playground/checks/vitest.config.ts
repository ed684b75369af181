import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  test: { name: 'playground-checks', include: ['checks/**/*.check.ts'], testTimeout: 1_200_000, hookTimeout: 120_000 },
});
