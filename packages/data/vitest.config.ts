import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  test: { name: 'data', isolate: true, setupFiles: ['../../test/support/property-seed.ts'] },
});
