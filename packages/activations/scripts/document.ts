/** `pnpm --filter @dynact/activations document`: writes the list of activations and docs/ anew. test/documentation.test.ts says when that is due. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import { activationList } from './document/list.ts';

writeFileSync(new URL('../src/activations.ts', import.meta.url), activationList());
// Pages are made of what the list exports.
const { documentationFiles } = await import('./document/pages.ts');

const folder = new URL('../docs/', import.meta.url);
const files = await documentationFiles();
rmSync(folder, { recursive: true, force: true });
mkdirSync(new URL('pictures/', folder), { recursive: true });
for (const [path, text] of files) writeFileSync(new URL(path, folder), text);
console.log(`docs: ${files.size} files written`);
