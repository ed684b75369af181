import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  // Tests replace modules.
  test: { isolate: true, name: 'transformer', setupFiles: ['../../test/support/property-seed.ts'] },
});
