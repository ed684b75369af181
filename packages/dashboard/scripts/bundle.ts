// Part of `pnpm build`: the page into dist/, for those who install the package.
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '@dynact/files';
import { bundlePage } from '../src/server/bundles.ts';

const [script, style] = await bundlePage();
for (const [name, text] of Object.entries({ 'page.js': script, 'page.css': style })) {
  writeFileAtomic(fileURLToPath(new URL(`../dist/page/${name}`, import.meta.url)), text);
}
console.log(`page: ${Math.ceil((script.length + style.length) / 1000)} kB`);
