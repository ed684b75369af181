/*
 * Part of the build. dist/ is CommonJS, and the entry for ES modules gives what it gives: two builds in one process would be two
 * backends, of which neither knew the other's. (The package is `type: module`.)
 */
import { cpSync, writeFileSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);
writeFileSync(new URL('package.json', dist), `${JSON.stringify({ type: 'commonjs' })}\n`);
for (const entry of ['index.mjs', 'index.d.mts']) writeFileSync(new URL(entry, dist), "export * from './index.js';\n");
// CommonJS already: the compiler leaves it where it is.
for (const file of ['native-files.cjs', 'native-files.d.cts']) {
  cpSync(new URL(`../src/runtime/${file}`, import.meta.url), new URL(`runtime/${file}`, dist));
}
