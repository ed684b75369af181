// `pnpm pack:offline OUT [--cuda ARCHITECTURE] [--dataset NAME ...]`: everything that a machine without a network needs to
// train and to measure, in one folder of compressed files: node, the trainer, the benchmark, prepared corpora, and for a
// GPU the libraries of CUDA. `sh OUT/run.sh dynact ...` there unpacks it once.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { datasetsFolder, userFolder } from '../packages/command-line/src/user-folder.ts';
import { hasCuda } from '../packages/tfjs-backend-onnxruntime/src/cuda/check.ts';
import { setupCuda } from '../packages/tfjs-backend-onnxruntime/src/cuda/setup.ts';
import { architectures } from '../packages/tfjs-backend-onnxruntime/src/cuda/wheels.ts';
import { InputError } from '../packages/tfjs-backend-onnxruntime/src/errors.ts';
import { keepArchitecture } from './fat-binary.ts';
import { packTrainer, root, run } from './packed-packages.ts';

/** Bytes of a file at most: what one may send where files are limited. */
const largestFile = 55_000_000;
const provider = 'libonnxruntime_providers_cuda.so';

const runScript = `#!/bin/sh
# sh run.sh dynact ... | sh run.sh bench ...: the trainer or the benchmark, where you stand. Needs sh, mktemp, tar and gzip.
set -e
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
app=\${DYNACT_APP:-$here/app}
if [ ! -d "$app" ]; then
  mkdir -p "$(dirname -- "$app")"
  partial=$(mktemp -d "$app.XXXXXX")
  trap 'rm -rf "$partial"' EXIT
  chmod 755 "$partial"
  cat "$here"/app.tar.gz.* | gzip -dc | tar -xf - -C "$partial"
  # Whoever was faster has unpacked the same. Only GNU's mv knows -T.
  mv -T "$partial" "$app" 2>/dev/null || [ -d "$app" ] || mv "$partial" "$app"
  rm -rf "$partial" "$app/\${partial##*/}"
  trap - EXIT
fi
: "\${DYNACT_DATASETS:=$app/datasets}"
export DYNACT_DATASETS
if [ -d "$app/cuda" ]; then
  : "\${DYNACT_CUDA:=$app/cuda}"
  export DYNACT_CUDA
fi
case "$1" in
  dynact) program="$app/node_modules/@dynact/trainer/dist/main.js" ;;
  bench) program="$app/bench/src/main.ts" ;;
  *) echo "usage: sh run.sh dynact ... | sh run.sh bench ..." >&2; exit 2 ;;
esac
shift
if [ -z "\${program##*.ts}" ]; then exec "$app/bin/node" --import "$app/node_modules/tsx/dist/loader.mjs" "$program" "$@"; fi
exec "$app/bin/node" "$program" "$@"
`;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { cuda: { type: 'string' }, dataset: { type: 'string', multiple: true, default: [] } },
  });
  const [out, ...rest] = positionals;
  if (out === undefined || rest.length > 0) {
    throw new InputError('usage: pnpm pack:offline OUT [--cuda ARCHITECTURE] [--dataset NAME ...]');
  }
  const folder = resolve(process.env.INIT_CWD ?? '.', out);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new InputError(`${folder} is not empty; name a folder of its own`);
  }
  const architecture = values.cuda === undefined ? undefined : architectureOf(values.cuda);
  if (architecture !== undefined && !hasCuda) {
    throw new InputError(
      '--cuda: pack on Linux x64, which ONNX Runtime has CUDA for: node and libraries are those of this machine',
    );
  }
  for (const name of values.dataset) prepare(name);
  mkdirSync(folder, { recursive: true });
  const staging = mkdtempSync(join(tmpdir(), 'dynact-offline-'));
  const app = join(staging, 'app');
  try {
    installPrograms(app, staging);
    for (const name of values.dataset) addDataset(app, name);
    if (architecture !== undefined) addCuda(app, architecture);
    compress(app, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  writeFileSync(join(folder, 'run.sh'), runScript, { mode: 0o755 });
  const files = readdirSync(folder);
  const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  const size = `${files.length} files, ${Math.round(bytes / 1e6)} MB`;
  console.log(`${folder}: ${size}, for ${process.platform} ${process.arch}; there: sh run.sh dynact doctor`);
}

/** 9.0 for 9.0, 90 and sm_90. */
function architectureOf(text: string): (typeof architectures)[number] {
  const digits = text.replace(/\D/g, '');
  const known = architectures.find((each) => each.replace('.', '') === digits);
  if (known === undefined)
    throw new InputError(`--cuda ${text}: ONNX Runtime has code for ${architectures.join(', ')}`);
  return known;
}

/** node, the trainer as it is published, and the benchmark's sources. */
function installPrograms(app: string, staging: string): void {
  mkdirSync(join(app, 'bin'), { recursive: true });
  copyFileSync(process.execPath, join(app, 'bin', 'node'));
  cpSync(join(root, 'apps', 'bench', 'src'), join(app, 'bench', 'src'), { recursive: true });
  copyFileSync(join(root, 'apps', 'bench', 'package.json'), join(app, 'bench', 'package.json'));
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n');
  const tarballs = packTrainer(staging);
  const others = ['commander', 'gpt-tokenizer', 'simple-statistics', 'tsx'].map((name) => `${name}@${versionOf(name)}`);
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts', '--prefer-offline'];
  run('npm', ['install', ...quiet, ...tarballs, ...others], app);
  // They name the folder that this was made in.
  for (const file of ['package.json', 'package-lock.json']) rmSync(join(app, file));
}

/** The version that the clone has installed for the benchmark. */
function versionOf(name: string): string {
  const places = [join(root, 'apps', 'bench'), root].map((room) => join(room, 'node_modules', name, 'package.json'));
  const place = places.find((file) => existsSync(file));
  if (place === undefined) throw new Error(`${name} is not installed; pnpm install`);
  return JSON.parse(readFileSync(place, 'utf8')).version;
}

/** Prepares a corpus with the defaults where nothing of it is prepared. */
function prepare(name: string): void {
  if (existsSync(join(datasetsFolder(), name))) return;
  try {
    run(join(root, 'dynact'), ['data', 'prepare', name], userFolder());
  } catch (error) {
    throw new InputError(`--dataset ${name} cannot be prepared: see above`, { cause: error });
  }
}

/** A corpus with whatever was prepared of it. */
function addDataset(app: string, name: string): void {
  const datasets = datasetsFolder();
  const prepared = join(datasets, name);
  cpSync(prepared, join(app, 'datasets', name), { recursive: true });
  const definition = `${prepared}.json`;
  if (existsSync(definition)) copyFileSync(definition, join(app, 'datasets', `${name}.json`));
}

/** The libraries of CUDA: ONNX Runtime's for one kind of GPU only, which makes it a third. */
function addCuda(app: string, architecture: string): void {
  const installed = setupCuda({ anyway: true });
  const cuda = join(app, 'cuda');
  cpSync(installed, cuda, { recursive: true });
  const library = readFileSync(join(installed, provider));
  if (keepArchitecture(library, Number(architecture.replace('.', ''))) === 0) {
    throw new Error(`${provider} has nothing for ${architecture}`);
  }
  writeFileSync(join(cuda, provider), library);
}

/** Packs a folder into one archive, in parts. */
function compress(app: string, folder: string): void {
  const parts = join(folder, 'app.tar.gz.');
  const pipe = `set -o pipefail; tar -C "$1" -cf - . | gzip | split -b ${largestFile} - "$2"`;
  run('bash', ['-c', pipe, 'bash', app, parts]);
}

try {
  main();
} catch (error) {
  if (!(error instanceof InputError) && !(error instanceof TypeError && 'code' in error)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
}
