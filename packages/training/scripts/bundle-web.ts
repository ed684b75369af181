// Part of `pnpm build`: the files of an exported page into dist/, for those who install the package.
import { mkdirSync, writeFileSync } from 'node:fs';
import { webFiles } from '../src/export/web-files.ts';

const folder = new URL('../dist/web/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, content] of await webFiles()) writeFileSync(new URL(name, folder), content);
