/*
 * Finds the native files, in the sources and in dist/: CommonJS, because dist/ is, and a module knows its folder there.
 */
const { existsSync } = require('node:fs');
const { dirname, join, sep } = require('node:path');

const carried = join(__dirname, '..', 'native');

/** koffi's addon for this platform: the package `koffi` itself would run a script when it is installed. */
const koffi = `@koromix/koffi-${process.platform}-${process.arch}`;
exports.loadKoffi = () => require(koffi);
exports.koffiFile = () => require.resolve(koffi);

/** Folder of ONNX Runtime's library: the packed package carries it, a clone has it from onnxruntime-node. */
exports.libraryFolder = () => {
  const root = existsSync(carried) ? carried : dirname(require.resolve('onnxruntime-node/package.json'));
  return join(root, 'bin', 'napi-v6', process.platform, process.arch);
};

/** Folder of the project that uses this package: the one with its node_modules, or the clone. */
exports.projectFolder = () => {
  const [above, below] = __dirname.split(`${sep}node_modules${sep}`, 2);
  if (below !== undefined) return above;
  let folder = __dirname;
  while (!existsSync(join(folder, 'pnpm-workspace.yaml')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
};
