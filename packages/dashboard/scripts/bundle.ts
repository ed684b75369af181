// Part of `pnpm build`: the page and the worker into dist/, for those who install the package.
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '@dynact/files';
import { bundlePage, bundleWorker } from '../src/server/bundles.ts';

const [script, style] = await bundlePage();
const files = { 'page/page.js': script, 'page/page.css': style, 'server/worker.cjs': await bundleWorker() };
for (const [name, text] of Object.entries(files)) {
  writeFileAtomic(fileURLToPath(new URL(`../dist/${name}`, import.meta.url)), text);
}
console.log(`page: ${Math.ceil((script.length + style.length) / 1000)} kB`);
