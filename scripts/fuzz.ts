// Feeds damaged files to everything that reads files of strangers: `pnpm test:fuzz [--seconds N] [--seed S] [TARGET ...]`.
// Each package names its targets in checks/fuzz.ts. Every input follows from the seed, the target and a number, which are
// printed with each finding. An input may be read, or refused by an InputError of one line; a finding is any other error,
// more than 10 s, more than 600 MB of memory, and a file outside the folder that the target was given.

import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { mutated, randomOf } from './fuzz-mutations.ts';

/** Something that reads files. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs without a fault, from which the others are made. */
  readonly samples: readonly Uint8Array[];
  /** Reads an input as a user would. @param folder empty, and the only place to write into */
  read(input: Uint8Array, folder: string): void | Promise<void>;
}

interface Job {
  /** The module of the target. */
  readonly file: string;
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly sandbox: string;
}

interface News {
  readonly index: number;
  readonly finding?: string;
}

const longestMs = 10_000;
const mostBytes = 600e6;

async function targetsIn(file: string): Promise<FuzzTarget[]> {
  const { targets }: { targets: FuzzTarget[] } = await import(pathToFileURL(file).href);
  return targets;
}

/** Reads inputs without end, telling the number of each before it is read. */
async function read({ file, target: name, seed, first, sandbox }: Job): Promise<void> {
  const target = (await targetsIn(file)).find((candidate) => candidate.name === name);
  if (target === undefined) throw new Error(`no target ${name}`);
  const tell = (news: News) => new Promise<void>((resolve) => process.send?.(news, () => resolve()));
  // Whatever looks for a home, or writes where it stands, finds the sandbox, where a file of its own shows.
  process.chdir(sandbox);
  Object.assign(process.env, { HOME: sandbox, TMPDIR: sandbox, XDG_CACHE_HOME: sandbox });
  for (let index = first; ; index += 1) {
    const input = mutated(target.samples, randomOf(`${seed} ${name} ${index}`));
    const folder = join(sandbox, 'folder');
    mkdirSync(folder);
    await tell({ index });
    const finding = await findingOf(target, input, folder);
    rmSync(folder, { recursive: true });
    const outside = readdirSync(sandbox).join(', ');
    if (outside !== '') await tell({ index, finding: `wrote outside its folder: ${outside}` });
    if (finding !== undefined) await tell({ index, finding });
    const memory = process.memoryUsage().rss;
    if (memory > mostBytes) await tell({ index, finding: `${Math.round(memory / 1e6)} MB of memory` });
  }
}

async function findingOf(target: FuzzTarget, input: Uint8Array, folder: string): Promise<string | undefined> {
  try {
    await target.read(input, folder);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    if (!('exitCode' in error) || error.exitCode !== 2) return error.stack ?? error.message;
    return /[\p{Cc}]/u.test(error.message) ? `control characters in: ${JSON.stringify(error.message)}` : undefined;
  }
}

/** Has a process read inputs from number `first` on, for so long. @returns the number that it had come to, and findings */
async function fuzz(job: Omit<Job, 'sandbox'>, ms: number): Promise<{ read: number; findings: News[] }> {
  const sandbox = mkdtempSync(join(tmpdir(), 'dynact-fuzz-'));
  const findings: News[] = [];
  let index = job.first - 1;
  const child: ChildProcess = fork(fileURLToPath(import.meta.url));
  await new Promise<void>((resolve) => {
    let end: NodeJS.Timeout | undefined;
    const late = () => {
      findings.push({ index, finding: `no end in ${longestMs / 1000} s` });
      child.kill('SIGKILL');
    };
    // The first waits for the modules to load.
    let patience = setTimeout(late, 6 * longestMs);
    child.on('message', (news: News) => {
      // Its time counts from its first input: loading may take long.
      end ??= setTimeout(() => child.kill('SIGKILL'), ms);
      clearTimeout(patience);
      patience = setTimeout(late, longestMs);
      index = news.index;
      if (news.finding === undefined) return;
      findings.push(news);
      // A process that grew, or left something behind, is of no more use.
      if (!news.finding.includes('\n')) child.kill('SIGKILL');
    });
    child.on('exit', (code, signal) => {
      clearTimeout(end);
      clearTimeout(patience);
      if (signal !== 'SIGKILL') findings.push({ index, finding: `the process ended with ${signal ?? code}` });
      resolve();
    });
    child.send({ ...job, sandbox });
  });
  rmSync(sandbox, { recursive: true, force: true });
  return { read: index + 1 - job.first, findings };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string' } },
  });
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  const packages = fileURLToPath(new URL('../packages', import.meta.url));
  const files = readdirSync(packages).map((name) => join(packages, name, 'checks', 'fuzz.ts'));
  const targets: { file: string; name: string }[] = [];
  for (const file of files.filter(existsSync)) {
    const names = (await targetsIn(file)).map(({ name }) => name);
    const chosen = names.filter((name) => positionals.length === 0 || positionals.includes(name));
    targets.push(...chosen.map((name) => ({ file, name })));
  }
  const share = (1000 * Number(values.seconds)) / targets.length;
  let found = 0;
  for (const { file, name } of targets) {
    const deadline = Date.now() + share;
    let first = 0;
    while (Date.now() < deadline) {
      const { read, findings } = await fuzz({ file, target: name, seed, first }, deadline - Date.now());
      first += read;
      found += findings.length;
      for (const { index, finding } of findings) console.log(`seed ${seed}, ${name}, input ${index}: ${finding}`);
    }
    console.log(`seed ${seed}, ${name}: ${first} inputs`);
  }
  console.log(`${found} findings`);
  process.exitCode = found === 0 ? 0 : 1;
}

if (process.send === undefined) await main();
else process.once('message', (job: Job) => void read(job));
