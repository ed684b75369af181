import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import config from '../vitest.config.ts';

/** Proofs that take minutes: `pnpm --filter @dynact/training test:slow`. */
const slow = mergeConfig(config, { test: { testTimeout: 900_000, hookTimeout: 300_000, maxWorkers: 1 } });
const root = fileURLToPath(new URL('..', import.meta.url));
export default { ...slow, test: { ...slow.test, root, include: ['checks/*.check.ts'] } };
