/*
 * pnpm test:packed: the package as its users get it. Packed with pnpm, installed with npm in an empty project; the
 * examples of README and docs/ run on this Node and on a newer one, from ES modules and from CommonJS, and type-check.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The newer Node: npm has it as a package for each platform. */
const newerNode = { name: `node-${process.platform}-${process.arch}`, version: '24.9.0' };
const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'packed-'));

function run(command, args, cwd = folder) {
  const child = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (child.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${child.status}\n${child.stdout}\n${child.stderr}`);
  }
  return child.stdout;
}

const canUnshare = spawnSync('unshare', ['-rnm', 'true']).status === 0;

/** An ES module's code as CommonJS: imports become requires, top-level await goes into a function. */
function asCommonJs(code) {
  const body = code
    .replace(/^import \* as (\w+) from ('.*');/gm, 'const $1 = require($2);')
    .replace(/^import (\{.*\}) from ('.*');/gm, 'const $1 = require($2);')
    .replace(/^import ('.*');/gm, 'require($1);');
  return `(async () => {\n${body}\n})();\n`;
}

/** A program that loads the package in both ways, and compiles with what each gave. */
const bothWays = `const tf = require('@tensorflow/tfjs');
const required = require('@dynact/tfjs-backend-onnxruntime');
import('@dynact/tfjs-backend-onnxruntime').then((imported) => {
  let traces = 0;
  for (const { compile } of [required, imported]) {
    const double = compile((x) => (traces++, tf.add(x, x)));
    for (let call = 0; call < 3; call++) double(tf.scalar(call));
  }
  if (traces !== 2) throw new Error('6 calls ran ' + traces + ' times');
  console.log('one backend, each function recorded once');
});
`;

/**
 * Installs from npm's cache, with all install scripts and without a network, in each way that people have: nothing comes
 * from anywhere but the registry.
 */
function installWithoutNetwork(wanted) {
  const [tarball, ...others] = wanted;
  const middle = {
    name: 'middle',
    version: '1.0.0',
    dependencies: { '@dynact/tfjs-backend-onnxruntime': `file:${tarball}` },
  };
  const global = ['--global', '--prefix=.'];
  const ways = {
    'npm install': [['install', ...wanted]],
    // A lock file has addresses by default: without them `npm ci` asks the registry.
    'npm ci': [['install', '--package-lock-only', '--omit-lockfile-registry-resolved=false', ...wanted], ['ci']],
    'without optional packages': [['install', '--omit=optional', ...wanted]],
    'without development packages': [['install', '--omit=dev', ...wanted]],
    'nested folders': [['install', '--install-strategy=nested', ...wanted]],
    'as a dependency of a dependency': [['install', './middle', ...others]],
    globally: [['install', ...global, ...wanted]],
  };
  for (const [index, [way, commands]] of Object.entries(ways).entries()) {
    const place = join(folder, `way${index}`);
    mkdirSync(join(place, 'middle'), { recursive: true });
    writeFileSync(join(place, 'package.json'), JSON.stringify({ name: 'user', private: true }));
    writeFileSync(join(place, 'middle', 'package.json'), JSON.stringify(middle));
    for (const command of commands) run('unshare', ['-rn', 'npm', command[0], '--offline', ...command.slice(1)], place);
    const modules = way === 'globally' ? join(place, 'lib', 'node_modules') : join(place, 'node_modules');
    const library = readdirSync(modules, { recursive: true }).find((name) =>
      /libonnxruntime\.(so|dylib)|onnxruntime\.dll/.test(name),
    );
    if (library === undefined) throw new Error(`${way}: no library of ONNX Runtime came along`);
    console.log(`installed without a network, ${way}: works`);
    rmSync(place, { recursive: true });
  }
}

try {
  run('pnpm', ['--silent', 'build'], root);
  run('pnpm', ['pack', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true }));
  const tfjs = require('@tensorflow/tfjs/package.json').version;
  const wanted = [join(folder, tarball), `@tensorflow/tfjs@${tfjs}`, `${newerNode.name}@${newerNode.version}`];
  run('npm', ['install', ...wanted]);
  if (canUnshare) installWithoutNetwork(wanted.slice(0, 2));
  else console.log('npm install without a network: not tried, for `unshare -rnm` does not work here');

  const pages = ['README.md', 'docs/compile.md', 'docs/options.md'].map((page) =>
    readFileSync(join(root, page), 'utf8'),
  );
  const examples = [...pages.join('\n').matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
  const newer = join(folder, 'node_modules', newerNode.name, 'bin', 'node');
  for (const node of [process.execPath, newer]) {
    const version = run(node, ['--version']).trim();
    for (const [index, code] of examples.entries()) {
      const printed = ['mjs', 'cjs'].map((extension) => {
        const file = `example${index}.${extension}`;
        writeFileSync(join(folder, file), extension === 'mjs' ? code : asCommonJs(code));
        return run(node, [file])
          .replace(/^[\s=]*Hi, looks like[\s\S]*?={5,}\s*/, '')
          .trim();
      });
      console.log(`${version}, example ${index + 1}, ES module: ${printed[0] || 'runs'}`);
      console.log(`${version}, example ${index + 1}, CommonJS: ${printed[1] || 'runs'}`);
      if (printed[0] !== printed[1]) throw new Error('the two differ');
    }
  }

  writeFileSync(join(folder, 'both.cjs'), bothWays);
  console.log(
    `loaded as an ES module and as CommonJS: ${run(process.execPath, ['both.cjs']).trim().split('\n').at(-1)}`,
  );

  for (const file of canUnshare ? ['example0.mjs', 'example0.cjs'] : []) {
    const silence = join(root, '..', '..', 'test', 'support', 'silence.mjs');
    const heard = JSON.parse(run('unshare', ['-rnm', process.execPath, silence, process.execPath, file]));
    const { status, names, connections, datagrams, files } = heard;
    if (status !== 0 || connections + datagrams + names.length + files.length > 0)
      throw new Error(JSON.stringify(heard));
    console.log(`${file} in a namespace: asks for no name, opens no connection, leaves HOME and TMPDIR empty`);
  }

  mkdirSync(join(folder, 'types'));
  const use = `import * as tf from '@tensorflow/tfjs';
import { backendVersions, compile, InputError, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
registerOnnxRuntimeBackend({ threads: 2, device: 'cpu' });
const step = compile((x: tf.Tensor) => tf.square(x));
export const y: tf.Tensor = step(tf.scalar(2));
export const versions: string = backendVersions().onnxruntime;
export const error: Error = new InputError('x');
// @ts-expect-error: no such device
registerOnnxRuntimeBackend({ device: 'tpu' });
`;
  const tsc = join(root, '..', '..', 'node_modules', '.bin', 'tsc');
  for (const [file, module, resolution] of [
    ['use.mts', 'node16', 'node16'],
    ['use.cts', 'node16', 'node16'],
    ['use.ts', 'esnext', 'bundler'],
  ]) {
    writeFileSync(join(folder, file), use);
    const flags = [
      '--strict',
      '--noEmit',
      '--skipLibCheck',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
      '--types',
      '',
    ];
    run(tsc, [...flags, '--module', module, '--moduleResolution', resolution, file]);
    console.log(`types: ${file}, moduleResolution ${resolution}: right`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
