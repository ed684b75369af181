/*
 * Finds the native files, in the sources and in dist/: CommonJS, because dist/ is, and a module knows its folder there.
 */
const { existsSync } = require('node:fs');
const { dirname, join } = require('node:path');

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
