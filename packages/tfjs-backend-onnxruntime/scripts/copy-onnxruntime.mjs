/*
 * Part of packing: copies ONNX Runtime's library out of onnxruntime-node into dist/, which the package
 * carries. Depending on onnxruntime-node would make every installation run its script, which downloads CUDA libraries.
 * This platform's files, or with --all those of every platform, which publishing takes.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const from = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
const to = fileURLToPath(new URL('../dist/native/', import.meta.url));
const platforms = process.argv.includes('--all') ? '' : join(process.platform, process.arch);
const { version, license } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));

mkdirSync(to, { recursive: true });
cpSync(join(from, 'bin', 'napi-v6', platforms), join(to, 'bin', 'napi-v6', platforms), {
  recursive: true,
  filter: (file) => !file.endsWith('.node'),
});
writeFileSync(
  join(to, 'package.json'),
  `${JSON.stringify({ name: 'onnxruntime-node', version, license, private: true })}\n`,
);
