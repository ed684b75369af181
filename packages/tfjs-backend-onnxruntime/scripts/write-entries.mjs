/*
 * Part of the build. dist/ is CommonJS, and the entry for ES modules gives what it gives: two builds in one process would be two
 * backends, of which neither knew the other's. (The package is `type: module`.)
 */
import { writeFileSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);
const description = { type: 'commonjs', imports: { '#onnxruntime': './native/dist/binding.js' } };
writeFileSync(new URL('package.json', dist), `${JSON.stringify(description)}\n`);
for (const entry of ['index.mjs', 'index.d.mts']) writeFileSync(new URL(entry, dist), "export * from './index.js';\n");
