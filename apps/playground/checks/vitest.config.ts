import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import daily from '../vitest.config.ts';

const checks = mergeConfig(daily, {
  test: {
    name: 'playground-checks',
    root: fileURLToPath(new URL('..', import.meta.url)),
    env: { PLAYGROUND_STEPS: '20' },
    testTimeout: 1_200_000,
  },
});
// Merged, the list would have the tests of every day, too, and they run out of time beside the long ones.
export default { ...checks, test: { ...checks.test, include: ['checks/**/*.check.ts', 'test/long/training.test.ts'] } };
