/** Acts as pip, as far as the setup sees it: a package is a folder with libraries, each as small as can be. */
export const fakePip = `
const { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const given = process.argv.slice(2);
if (given.includes('--version')) process.exit(0);
const after = (name) => given[given.indexOf(name) + 1];
const requirements = readFileSync(after('--requirement'), 'utf8');
appendFileSync(process.env.FAKE_PIP_LOG, JSON.stringify({ given, requirements, TMPDIR: process.env.TMPDIR }) + '\\n');
if (process.env.FAKE_PIP_FAILS) process.exit(1);
const put = (file) => {
  const path = join(after('--target'), file);
  mkdirSync(dirname(path), { recursive: true });
  if (process.env.FAKE_LIBRARY) symlinkSync(process.env.FAKE_LIBRARY, path);
  else writeFileSync(path, file);
};
for (const each of ['cuda', 'shared', 'tensorrt']) put('onnxruntime/capi/libonnxruntime_providers_' + each + '.so');
for (const each of ['cudart.so.13', 'nvrtc.so.13', 'nvrtc.alt.so.13', 'nvrtc-builtins.so.13.0', 'cublas.so.13', 'cublasLt.so.13', 'curand.so.10'])
  put('nvidia/cu13/lib/lib' + each);
for (const each of ['cudnn', 'cudnn_ops', 'cudnn_engines_precompiled']) put('nvidia/cudnn/lib/lib' + each + '.so.9');
put('nvidia/cu13/include/cublas.h');
`;
