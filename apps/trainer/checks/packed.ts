/**
 * `pnpm --filter @dynact/trainer test:packed`: the trainer as its users get it: in a clone, from elsewhere by the clone's
 * path, and packed and installed with npm and its default settings, on this Node and on a newer one. Each lies in a folder
 * whose name has a space and Cyrillic letters, and trains, compares, samples and exports there.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { packTrainer, root } from '../../../scripts/packed-packages.ts';

/** The newer Node: npm has it as a package for each platform. */
const newerNode = `node-${process.platform}-${process.arch}`;
const newerVersion = '24.9.0';
const folder = mkdtempSync(join(tmpdir(), 'dynact-packed-'));
const user = join(folder, 'their own папка');
const clone = join(folder, 'their own клон');
const elsewhere = join(folder, 'their own письма');

interface Command {
  readonly cwd: string;
  readonly path?: string;
}

/** @returns stdout and stderr. @throws Error with both where the command fails */
function run(command: string, parameters: readonly string[], { cwd, path }: Command): string {
  const { INIT_CWD: _, npm_package_name: __, NODE_PATH: ___, ...environment } = process.env;
  const PATH = [...(path === undefined ? [] : [path]), environment.PATH].join(delimiter);
  const child = spawnSync(command, parameters, { cwd, encoding: 'utf8', env: { ...environment, PATH } });
  const output = `${child.stdout}${child.stderr}`;
  if (child.status !== 0) throw new Error(`${command} ${parameters.join(' ')} ended with ${child.status}\n${output}`);
  return output;
}

function expectThat(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
  console.log(`right: ${message}`);
}

/** This clone, all but its packages, in a folder of another name. */
function copyClone(): void {
  const left = new Set(['.git', 'node_modules', 'runs'].map((name) => join(root, name)));
  cpSync(root, clone, { recursive: true, verbatimSymlinks: true, filter: (path) => !left.has(path) });
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
}

function useInstalled(node: string): void {
  const path = dirname(node);
  const version = run(node, ['--version'], { cwd: user }).trim();
  use(version, user, (...parameters) => run('npx', ['--no', 'dynact', ...parameters], { cwd: user, path }));
}

/** @param version names what is used, in messages and folders */
function use(version: string, cwd: string, dynact: (...parameters: string[]) => string): void {
  const small = ['--steps', '20', '--set', 'training.evaluation.batches=2'];
  expectThat(/^\d+\.\d+\.\d+$/m.test(dynact('--version')), `${version}: --version`);
  const listed = dynact('data', 'list');
  expectThat(listed.includes('gutenberg-books'), `${version}: the definitions come with the package`);
  const trained = dynact('train', '--preset', 'nano', '--out', `runs/nano-${version}`);
  expectThat(trained.includes(`finished after 200 steps: ${join(cwd, 'runs')}`), `${version}: train --preset nano`);
  const compared = dynact('compare', '--preset', 'nano', ...small, '--out', `runs/gates-${version}`);
  expectThat(compared.includes('too few seeds to conclude'), `${version}: compare`);
  const sampled = dynact('sample', `runs/nano-${version}`, '--prompt', 'Emma said', '--max-tokens', '20');
  expectThat(sampled.startsWith('Emma said'), `${version}: sample`);
  dynact('export', `runs/nano-${version}`, '--format', 'safetensors', '--out', `exported-${version}`);
  expectThat(existsSync(join(cwd, `exported-${version}`, 'model.safetensors')), `${version}: export`);
  expectThat(dynact('doctor').includes('backend in use: onnxruntime'), `${version}: doctor`);
}

try {
  mkdirSync(user);
  mkdirSync(elsewhere);
  copyClone();
  use('clone', clone, (...parameters) => run('./dynact', parameters, { cwd: clone }));
  use('elsewhere', elsewhere, (...parameters) => run(join(clone, 'dynact'), parameters, { cwd: elsewhere }));
  const tarballs = packTrainer(folder);
  writeFileSync(join(user, 'package.json'), JSON.stringify({ name: 'user', private: true }));
  // With npm's default settings.
  run('npm', ['install', ...tarballs], { cwd: user });
  if (process.platform !== 'win32') console.log(run('du', ['-sh', 'node_modules'], { cwd: user }).trim());
  expectThat(!existsSync(join(user, 'node_modules', '@tensorflow', 'tfjs-node-gpu')), 'no old TensorFlow is installed');
  useInstalled(process.execPath);
  const newer = join(folder, 'newer');
  mkdirSync(newer);
  writeFileSync(join(newer, 'package.json'), JSON.stringify({ name: 'newer', private: true }));
  run('npm', ['install', `${newerNode}@${newerVersion}`], { cwd: newer });
  useInstalled(join(newer, 'node_modules', newerNode, 'bin', 'node'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
