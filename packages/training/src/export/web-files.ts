import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const page = 'page.js';
const runtime = 'ort-wasm-simd-threaded.wasm';
const names = ['index.html', page, runtime];

/** The files of an exported page that are the same for every model. */
export async function webFiles(): Promise<Map<string, Uint8Array>> {
  // Published, they lie beside the code: neither a bundler nor onnxruntime-web is installed with the package.
  if (!import.meta.url.endsWith('.ts')) {
    const read = (name: string) => readFileSync(new URL(`../web/${name}`, import.meta.url));
    return new Map(names.map((name) => [name, read(name)]));
  }
  const { resolve } = createRequire(import.meta.url);
  return new Map<string, Uint8Array>([
    ['index.html', readFileSync(new URL('../../web/index.html', import.meta.url))],
    [page, await bundledPage()],
    [runtime, readFileSync(resolve(`onnxruntime-web/${runtime}`))],
  ]);
}

async function bundledPage(): Promise<Uint8Array> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../web/page.ts', import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@dynact/source'],
    logLevel: 'warning',
  });
  return outputFiles[0]!.contents;
}
