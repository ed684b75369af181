import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));

/**
 * Bundles TensorFlow.js's own specs with this backend and tfjs-cpu, so that all share one copy of tfjs-core: the specs
 * import its modules one by one.
 */
export async function bundleSpecs(outfile: string): Promise<void> {
  const core = dirname(require.resolve('@tensorflow/tfjs-core/package.json'));
  await build({
    entryPoints: [join(here, 'entry.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    conditions: ['@dynact/source'],
    // tfjs-core declares its modules free of side effects, the specs among them.
    ignoreAnnotations: true,
    alias: { '@tensorflow/tfjs-core': core },
    nodePaths: [join(here, '..', '..', 'node_modules')],
    // Native modules cannot be bundled; node-fetch is a polyfill that Node does not need.
    external: ['jasmine-core', 'node-fetch'],
    logLevel: 'error',
  });
}
