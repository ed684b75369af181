import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  test: {
    name: 'activations',
    isolate: true,
    setupFiles: ['../../test/support/property-seed.ts'],
    expect: { poll: { timeout: 15_000 } },
  },
});
