import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.ts';

// A study starts a process or two and trains: seconds on an idle machine, a minute on a busy one.
export default mergeConfig(sharedTestConfig, { test: { name: 'studies', testTimeout: 180_000 } });
