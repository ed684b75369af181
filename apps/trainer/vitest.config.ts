import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

// By far the longest: it would go on alone when the other packages' tests have ended.
export default mergeConfig(sharedTestConfig, { test: { name: 'trainer', isolate: true, maxWorkers: 2 } });
