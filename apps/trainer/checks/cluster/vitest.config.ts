import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import config from '../../vitest.config.ts';

/**
 * `pnpm test:cluster`: comparisons on a Slurm cluster that the test starts itself, one model over MPI. Root, and what
 * setup:system brings. With `--mode slow`, twenty kills.
 */
const cluster = mergeConfig(config, {
  test: {
    // The scripts build before.
    env: { TURBO_HASH: 'built' },
    // They wait for Slurm half of their time.
    maxWorkers: 3,
    testTimeout: 400_000,
    hookTimeout: 400_000,
    disableConsoleIntercept: true,
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
export default ({ mode }: { mode: string }) => {
  const include = [mode === 'slow' ? 'checks/cluster/*.slow.ts' : 'checks/cluster/*.check.ts'];
  return { ...cluster, test: { ...cluster.test, root, include } };
};
