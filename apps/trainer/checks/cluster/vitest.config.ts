import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import config from '../../vitest.config.ts';

/** `pnpm test:cluster`: comparisons on a Slurm cluster that the test starts itself. Root, and what setup:system brings. */
const cluster = mergeConfig(config, { test: { testTimeout: 400_000, hookTimeout: 400_000, maxWorkers: 1 } });
const root = fileURLToPath(new URL('../..', import.meta.url));
export default { ...cluster, test: { ...cluster.test, root, include: ['checks/cluster/*.check.ts'] } };
