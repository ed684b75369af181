import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('..', import.meta.url));
const wasmFolder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));

/** Served files, by path. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** The whole site: pages, scripts, styles, WebAssembly. */
export async function bundleSite(): Promise<Files> {
  const { outputFiles } = await build({
    absWorkingDir: source,
    entryPoints: [
      { in: 'page/main.tsx', out: 'main' },
      { in: 'activations/main.ts', out: 'activations' },
      { in: 'worker/trainer-worker.ts', out: 'trainer' },
      { in: 'worker/writer-worker.ts', out: 'writer' },
      { in: 'page/style.css', out: 'style' },
    ],
    outdir: '/',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@dynact/source'],
    loader: { '.txt': 'text' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  });
  const files = new Map<string, Uint8Array>(outputFiles.map(({ path, contents }) => [path, contents]));
  for (const page of ['index.html', 'activations.html'])
    files.set(`/${page}`, await readFile(join(source, 'page', page)));
  for (const kind of ['', '-simd', '-threaded-simd']) {
    const name = `tfjs-backend-wasm${kind}.wasm`;
    files.set(`/wasm/${name}`, await readFile(join(wasmFolder, name)));
  }
  return files;
}
