import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

const common: BuildOptions = {
  absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
  outdir: 'dist/page',
  bundle: true,
  write: false,
  target: 'es2022',
  conditions: ['@dynact/source'],
  logLevel: 'warning',
};

/** The page's script and style, each in one file that needs no other. */
export async function bundlePage(): Promise<[script: string, style: string]> {
  const { outputFiles = [] } = await build({
    ...common,
    entryPoints: [
      { in: 'src/page/main.tsx', out: 'page' },
      { in: 'src/page/style.css', out: 'page' },
    ],
    minify: true,
    format: 'esm',
    platform: 'browser',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  const text = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? '';
  return [text('.js'), text('.css')];
}

/** The worker's program as one script: it starts sooner than its modules, and needs not be taught TypeScript. */
export async function bundleWorker(): Promise<string> {
  const { outputFiles = [] } = await build({
    ...common,
    entryPoints: ['src/server/worker.ts'],
    minify: true,
    format: 'cjs',
    platform: 'node',
  });
  return outputFiles[0]!.text;
}
