/**
 * `pnpm --filter @dynact/trainer test:durability` (Linux with strace): a checkpoint, a prepared corpus and an export are on
 * the disk before they have their names. It reads the system calls of each command, and wants for every folder: all files
 * written, then synced, then the folder renamed, then the folder above synced.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Call {
  readonly name: string;
  /** Paths of the descriptors and the texts of its arguments, in their order. */
  readonly paths: readonly string[];
}

const traced = 'write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2';
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dynact-durability-'));

/** The calls of a command of the trainer that succeeded, in the order of their ends. */
function callsOf(...parameters: string[]): Call[] {
  const log = join(folder, 'strace.log');
  const node = [process.execPath, ...process.execArgv, main, ...parameters];
  const environment = { ...process.env, INIT_CWD: folder, npm_package_name: 'dynact' };
  const { status, stderr } = spawnSync('strace', ['-f', '-y', '-s', '0', '-e', `trace=${traced}`, '-o', log, ...node], {
    encoding: 'utf8',
    env: environment,
  });
  if (status !== 0) throw new Error(`dynact ${parameters.join(' ')} ended with ${status}\n${stderr}`);
  const begun = new Map<string, string>();
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
      if (text.endsWith('<unfinished ...>')) {
        begun.set(thread, text);
        return [];
      }
      const whole = /resumed>/.test(text) ? `${begun.get(thread)}${text}` : text;
      const name = /^(\w+)\(/.exec(whole)?.[1];
      if (name === undefined || !/= \d+$/.test(whole)) return [];
      return {
        name,
        paths: [...whole.matchAll(/\d+<(\/[^>]*)>|"(\/[^"]*)"/g)].map(([, open, text]) => open ?? text ?? ''),
      };
    });
}

/** @throws Error where a step is missing or out of order */
function expectDurable(calls: readonly Call[], isTarget: (path: string) => boolean, what: string): void {
  const renamed = calls.findIndex(({ name, paths }) => name.startsWith('rename') && isTarget(paths.at(-1) ?? ''));
  if (renamed < 0) throw new Error(`${what}: no folder was renamed to its name`);
  const before = calls.slice(0, renamed);
  const to = calls[renamed]!.paths.at(-1)!;
  // Its earlier names, the last one first.
  const names = [calls[renamed]!.paths.at(-2)!];
  for (const { name, paths } of before.toReversed()) {
    if (name.startsWith('rename') && paths.at(-1) === names.at(-1)) names.push(paths.at(-2)!);
  }
  const lastWrites = new Map<string, number>();
  for (const [index, { name, paths }] of before.entries()) {
    const [path] = paths;
    if (/write/.test(name) && names.some((folder) => path?.startsWith(`${folder}/`))) lastWrites.set(path!, index);
  }
  if (lastWrites.size === 0) throw new Error(`${what}: nothing was written into ${names.join(' or ')}`);
  const isSync = ({ name, paths }: Call, path: string) => /sync$/.test(name) && paths[0] === path;
  for (const [path, index] of lastWrites) {
    if (!calls.slice(index, renamed).some((call) => isSync(call, path)))
      throw new Error(`${what}: ${path} was not synced`);
  }
  if (!before.some((call) => names.some((folder) => isSync(call, folder)))) {
    throw new Error(`${what}: ${names[0]} was not synced`);
  }
  if (!calls.slice(renamed).some((call) => isSync(call, dirname(to)))) {
    throw new Error(`${what}: ${dirname(to)} was not synced after the rename`);
  }
  console.log(`${what}: ${lastWrites.size} files written and synced, the folder renamed, the one above synced`);
}

try {
  mkdirSync(join(folder, 'datasets'));
  const words = 'the a old young man woman dog walked ran slept to from near river hill house and then but'.split(' ');
  const sentence = (n: number) =>
    Array.from({ length: 12 }, (_, k) => words[(n * 5 + k * (1 + (n % 7))) % words.length]);
  writeFileSync(join(folder, 'walks.txt'), Array.from({ length: 700 }, (_, n) => sentence(n).join(' ')).join('.\n\n'));
  const tiny = ['model.layers=1', 'model.width=16', 'model.heads=2', 'model.context=16'];
  const settings = ['dataset.vocabSize=300', 'training.steps=2', 'training.batchSize=4', ...tiny];
  const set = settings.flatMap((value) => ['--set', value]);
  const prepared = callsOf('data', 'prepare', 'walks.txt', '--vocab-size', '300');
  expectDurable(prepared, (path) => path.endsWith('/r50k_base-300'), 'prepare');
  const trained = callsOf('train', 'walks.txt', ...set, '--out', 'run');
  expectDurable(trained, (path) => path.endsWith('/checkpoints/step-00000002'), 'checkpoint');
  for (const format of ['safetensors', 'onnx']) {
    const exported = callsOf('export', 'run', '--format', format, '--out', format);
    expectDurable(exported, (path) => path === join(folder, format), `export to ${format}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
