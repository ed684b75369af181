import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

export interface BundleSize {
  readonly imports: string;
  /** Bytes, minified. */
  readonly minified: number;
  /** Bytes, minified and compressed. */
  readonly gzipped: number;
}

const cases = [
  ['dynActivation', `export { dynActivation } from './src/index.ts'`],
  ['silu', `export { silu } from './src/index.ts'`],
  ['apalu', `export { apalu } from './src/index.ts'`],
  ['everything but registry and layers', `export * from './src/index.ts'`],
  ['the registry', `export * from './src/registry.ts'`],
] as const;

/** Bytes that a bundler adds to a page for some imports of this package, without TensorFlow.js. */
export async function bundleSizes(): Promise<BundleSize[]> {
  const resolveDir = new URL('..', import.meta.url).pathname;
  return Promise.all(
    cases.map(async ([imports, contents]) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir, loader: 'ts' },
        bundle: true,
        minify: true,
        write: false,
        format: 'esm',
        target: 'es2022',
        external: ['@tensorflow/*'],
      });
      const { contents: bytes } = outputFiles[0]!;
      return { imports, minified: bytes.length, gzipped: gzipSync(bytes).length };
    }),
  );
}
