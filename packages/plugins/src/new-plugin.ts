import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { InputError, writeFileAtomic, writeJsonAtomic } from '@dynact/files';

/** The file by which an editor finds the types of this program's own packages. */
const editorFile = 'tsconfig.dynact.json';

/**
 * Writes a plugin to change: a gate with a trainable parameter, called as the file. Where the folder has no tsconfig.json,
 * one is written that refers an editor to the types of this program's own packages.
 * @returns the files written
 * @throws InputError where the file is there already, or its name is none for an activation
 */
export function writeNewPlugin(path: string): string[] {
  const name = basename(path, extname(path));
  if (existsSync(path)) throw new InputError('file', `${path} is there already; name a new file`);
  if (!/^[a-z][\w-]*$/i.test(name)) {
    throw new InputError(
      'usage',
      `${basename(path)}: its gate is called as the file: letters from a to z, digits, - and _ alone`,
    );
  }
  writeFileAtomic(path, template(name));
  const settings = join(dirname(path), 'tsconfig.json');
  if (existsSync(settings)) return [path];
  const types = join(dirname(path), editorFile);
  writeJsonAtomic(types, editorSettings(dirname(path)));
  // Referred to, because tsx would take the types for the packages that a program in this folder imports.
  writeJsonAtomic(settings, { files: [], references: [{ path: `./${editorFile}` }] });
  return [path, settings, types];
}

const template = (name: string) => `import { defineActivation } from '@dynact/activations';
import * as tf from '@tensorflow/tfjs-core';

// x tanh(c x), with one c of each layer, which is trained like a weight. As a block: ${name} is a gate, mlp.${name} has none.
defineActivation({
  name: '${name}',
  parameters: { c: { initial: 1 } },
  value: (x, { c }) => tf.mul(x, tf.tanh(tf.mul(c, x))),
  // The gradient is TensorFlow.js's own; a formula that is faster can be given as \`gradient: (x, { c }) => ({ x: ..., c: ... })\`.
});
`;

/** The packages that a plugin may import, where this program has them. */
function editorSettings(folder: string): object {
  const find = createRequire(import.meta.url).resolve;
  const fromFolder = (path: string) => {
    const way = relative(folder, path).split(sep).join('/');
    return way.startsWith('.') ? way : `./${way}`;
  };
  const packageFolder = (name: string) => dirname(find(`${name}/package.json`));
  const own = ['activations', 'nn', 'transformer'].map((name) => `@dynact/${name}`);
  const paths = Object.fromEntries([
    ...own.map((name) => [name, [fromFolder(join(packageFolder(name), 'src', 'index.ts'))]]),
    ...['@tensorflow/tfjs', '@tensorflow/tfjs-core'].map((name) => [
      name,
      [fromFolder(join(packageFolder(name), 'dist', 'index.d.ts'))],
    ]),
  ]);
  return {
    compilerOptions: {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      customConditions: ['@dynact/source'],
      skipLibCheck: true,
      types: [],
      paths,
    },
    include: ['*.ts'],
  };
}
