// A process that reads inputs of one kind, until it is killed: a crash or a hang ends it alone, and the number that it told
// last is that of the input. What it finds it tells over Node's process channel.

import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mutated, randomOf } from './mutations.ts';
import { type FuzzKind, type FuzzTarget, targetsIn } from './target.ts';

export interface Job {
  readonly kind: FuzzKind;
  /** Modules with targets of the kind. */
  readonly files: readonly string[];
  readonly seed: number;
  /** The number of the first input. */
  readonly first: number;
  /** An empty folder. */
  readonly sandbox: string;
}

/** Told before each input is read, and again where something is found. */
export interface News {
  readonly index: number;
  readonly target: string;
  readonly finding?: string;
}

const mostBytes = 600e6;

process.once('message', (job: Job) => void read(job));

async function read({ kind, files, seed, first, sandbox }: Job): Promise<void> {
  const targets = (await Promise.all(files.map(targetsIn))).flat().filter((target) => target.kind === kind);
  const tell = (news: News) => new Promise<void>((resolve) => process.send?.(news, () => resolve()));
  // Whatever looks for a home, or writes where it stands, finds the sandbox, where a file of its own shows.
  process.chdir(sandbox);
  Object.assign(process.env, { HOME: sandbox, TMPDIR: sandbox, XDG_CACHE_HOME: sandbox });
  const folder = join(sandbox, 'folder');
  for (let index = first; ; index += 1) {
    const target = targets[index % targets.length]!;
    const news = { index, target: target.name };
    const input = mutated(target.samples, randomOf(`${seed} ${target.name} ${index}`));
    mkdirSync(folder);
    await tell(news);
    const finding = await findingOf(target, input, folder);
    rmSync(folder, { recursive: true });
    const outside = readdirSync(sandbox).join(', ');
    if (outside !== '') await tell({ ...news, finding: `wrote outside its folder: ${outside}` });
    if (finding !== undefined) await tell({ ...news, finding });
    const memory = mostMemory();
    if (memory > mostBytes) await tell({ ...news, finding: `${Math.round(memory / 1e6)} MB of memory` });
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

/** Bytes that this process, or one that it started and that still is there, has had at its peak. */
function mostMemory(): number {
  return Math.max(1024 * process.resourceUsage().maxRSS, ...startedProcesses().map(peakOf));
}

function startedProcesses(): string[] {
  // Linux only.
  return readIfThere(`/proc/self/task/${process.pid}/children`).split(' ').filter(Boolean);
}

function peakOf(pid: string): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? 0);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
