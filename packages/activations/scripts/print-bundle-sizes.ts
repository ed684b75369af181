/** `pnpm --filter @dynact/activations size`: bytes that an import adds to a page, without TensorFlow.js. */
import { bundleSizes } from './bundle-size.ts';

for (const { imports, minified, gzipped } of await bundleSizes()) {
  console.log(
    `${imports.padEnd(36)} ${String(minified).padStart(6)} bytes minified ${String(gzipped).padStart(6)} gzipped`,
  );
}
