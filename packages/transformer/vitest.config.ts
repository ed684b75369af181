import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  test: { name: 'transformer', isolate: true, setupFiles: ['../../test/support/property-seed.ts'] },
});
