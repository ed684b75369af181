import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../errors.ts';
import { onnxRuntime } from '../runtime/library.ts';
import { hasCuda } from './check.ts';
import { cudaFolder, hasProvider } from './folder.ts';
import { nvidiaGpus, unfit } from './gpus.ts';
import { installedMegabytes, wheels } from './wheels.ts';

/** Options of `setupCuda`. */
export interface CudaSetupOptions {
  /** Say what would be downloaded, and do nothing. */
  readonly dryRun?: boolean;
  /** Do it on a machine whose GPU, if it has one, does not run it: for another one that has the same folder. */
  readonly anyway?: boolean;
  /** Gets what is going on, a line at a time. Default: to stderr. */
  readonly log?: (line: string) => void;
}

/** Tags of wheels that the provider's own system can run. */
const platforms = ['2_28', '2_27', '2_17', '2014', '2_12', '2010'].map((tag) =>
  tag.startsWith('20') ? `manylinux${tag}_x86_64` : `manylinux_${tag}_x86_64`,
);

/**
 * Installs ONNX Runtime's CUDA provider and NVIDIA's libraries with the user's own pip, held to pinned hashes, into
 * one folder: DYNACT_CUDA, or the project's node_modules/.cache. Programs started from then on find them for device "cuda".
 * @returns the folder
 * @throws InputError for a machine without what it needs, in one line
 */
export function setupCuda(options: CudaSetupOptions = {}): string {
  const { dryRun = false, anyway = false, log = (line) => process.stderr.write(`${line}\n`) } = options;
  if (!hasCuda) throw refusal('it is for Linux x64 only; device "webgpu" runs on GPUs of other machines');
  const folder = cudaFolder();
  if (hasProvider(folder)) {
    log(`all is there: ${folder}`);
    return folder;
  }
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw refusal(`${folder} has other files; name another folder`);
  checkDriver(anyway || dryRun, log);
  const download = wheels.reduce((sum, { megabytes }) => sum + megabytes, 0);
  for (const { name, version, megabytes } of wheels) log(`${name} ${version}  ${megabytes} MB`);
  // The packages, their files and the libraries lie there at once.
  const needed = download + 2 * installedMegabytes;
  log(
    `downloads ${download} MB from PyPI with pip, which become ${installedMegabytes} MB in ${folder} (${needed} MB meanwhile)`,
  );
  if (dryRun) return folder;
  const python = findPython();
  const staging = `${folder}.partial`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  try {
    const { bavail, bsize } = statfsSync(staging);
    const free = Math.floor((bavail * bsize) / 1e6);
    if (free < needed) throw refusal(`${dirname(folder)} has ${free} MB of disk, and it needs ${needed} MB`);
    install(python, staging);
    const libraries = collect(staging);
    copyFileSync(onnxRuntime().file, join(libraries, basename(onnxRuntime().file)));
    renameSync(libraries, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  log(`installed: ${folder}`);
  return folder;
}

function checkDriver(anyway: boolean, log: (line: string) => void): void {
  const gpus = nvidiaGpus();
  const problem = typeof gpus === 'string' ? gpus : unfit(gpus[0]!);
  if (problem !== undefined && !anyway) {
    throw refusal(`${problem}; for another machine with the same folder, say --anyway`);
  }
  if (problem !== undefined) log(`warning: ${problem}`);
  else if (typeof gpus !== 'string') for (const { name, driver } of gpus) log(`${name}, driver ${driver}`);
}

/** A Python that has pip. */
function findPython(): string {
  const works = (name: string) => spawnSync(name, ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0;
  const python = ['python3', 'python'].find(works);
  if (python === undefined) {
    throw refusal('it takes Python with pip, and neither python3 nor python has it (Debian: apt install python3-pip)');
  }
  return python;
}

/** Downloads and unpacks the packages. */
function install(python: string, staging: string): void {
  const requirements = join(staging, 'requirements.txt');
  const lines = wheels.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`);
  writeFileSync(requirements, lines.join(''));
  const target = ['--target', join(staging, 'packages'), '--no-deps', '--no-compile', '--no-cache-dir'];
  const kind = ['--only-binary=:all:', '--implementation=cp', '--python-version=3.12', '--require-hashes'];
  const tags = platforms.map((platform) => `--platform=${platform}`);
  const quiet = ['--disable-pip-version-check', '--no-input'];
  const pip = ['-m', 'pip', 'install', ...quiet, ...target, ...kind, ...tags, '--requirement', requirements];
  // The packages are larger than many a /tmp.
  const env = { ...process.env, TMPDIR: staging };
  const { status, signal } = spawnSync(python, pip, { env, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    const how = signal ?? `status ${status}`;
    throw refusal(`pip failed with ${how} (see above); it needs PyPI, or a mirror of it that pip is set up for`);
  }
}

/** Moves the libraries out of the packages into one folder, where each finds the others. */
function collect(staging: string): string {
  const libraries = join(staging, 'libraries');
  mkdirSync(libraries);
  const files = readdirSync(join(staging, 'packages'), { recursive: true, encoding: 'utf8' });
  for (const { name, libraries: wanted } of wheels) {
    const own = files.filter((file) => wanted.test(basename(file)));
    if (own.length === 0) throw refusal(`${name} has no library that matches ${wanted}`);
    for (const file of own) renameSync(join(staging, 'packages', file), join(libraries, basename(file)));
  }
  return libraries;
}

function refusal(reason: string): InputError {
  return new InputError(`setup of CUDA: ${reason}`);
}
