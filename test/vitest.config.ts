import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../vitest.shared.ts';

export default mergeConfig(sharedTestConfig, {
  test: { name: 'house', root: import.meta.dirname, include: ['house/**/*.test.ts'] },
});
