import { defineConfig } from 'vitest/config';
import { isBuilt } from './test/support/built.ts';

/** Settings of every package's vitest project: sources of the workspace instead of builds, and processes instead of
 * threads, because native addons do not unload from a thread. */
export const sharedTestConfig = defineConfig({
  resolve: { conditions: ['@dynact/source'] },
  ssr: { resolve: { conditions: ['@dynact/source', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Tests that use ONNX Runtime without the backend, which says so itself; and the name that messages call the trainer by.
    env: { ORT_DISABLE_TELEMETRY: '1', DYNACT_CALLED_AS: 'dynact' },
    // Loading TensorFlow.js for each file takes longer than many a file's tests. Where tests register activations or
    // blocks, or put something in a module's place, the package says `isolate: true`.
    isolate: false,
    // Two files at once are enough for native backends, more only slow each other down; turbo tests two packages at once.
    maxWorkers: isBuilt ? 1 : 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
