// Feeds damaged files to everything that reads files of strangers: `pnpm test:fuzz [--seconds N] [--seed S] [--first I] [KIND ...]`.
// Packages name their targets in test/fuzz-targets.ts. Every input follows from the seed, the target and a number, which are
// printed with each finding. An input may be read, or refused by an InputError of one line; a finding is any other error,
// more than 10 s, more than 600 MB of memory, and a file outside the folder that the target was given.

import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Job, News } from './child.ts';
import { type FuzzKind, targetsIn } from './target.ts';

const longestMs = 10_000;
/** Megabytes of JavaScript's memory in which garbage may lie around. */
const heapMegabytes = 384;
/** In memory where that can be: nothing is proved by waiting for a disk. */
const sandboxes = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Has a process read inputs from number `first` on, for so long. @returns the number that it had come to, and findings */
async function fuzz(job: Omit<Job, 'sandbox'>, ms: number): Promise<{ read: number; findings: News[] }> {
  const sandbox = mkdtempSync(join(sandboxes, 'dynact-fuzz-'));
  const findings: News[] = [];
  let last: News = { index: job.first - 1, target: '' };
  const child: ChildProcess = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), {
    execArgv: [...process.execArgv, `--max-old-space-size=${heapMegabytes}`],
  });
  await new Promise<void>((resolve) => {
    let end: NodeJS.Timeout | undefined;
    const late = () => {
      findings.push({ ...last, finding: `no end in ${longestMs / 1000} s` });
      child.kill('SIGKILL');
    };
    // The first waits for the modules to load.
    let patience = setTimeout(late, 6 * longestMs);
    child.on('message', (news: News) => {
      // Its time counts from its first input: loading may take long.
      end ??= setTimeout(() => child.kill('SIGKILL'), ms);
      clearTimeout(patience);
      patience = setTimeout(late, longestMs);
      last = news;
      if (news.finding === undefined) return;
      findings.push(news);
      // A process that grew, or left something behind, is of no more use.
      if (!news.finding.includes('\n')) child.kill('SIGKILL');
    });
    child.on('exit', (code, signal) => {
      clearTimeout(end);
      clearTimeout(patience);
      if (signal !== 'SIGKILL') findings.push({ ...last, finding: `the process ended with ${signal ?? code}` });
      resolve();
    });
    child.send({ ...job, sandbox });
  });
  rmSync(sandbox, { recursive: true, force: true });
  return { read: last.index + 1 - job.first, findings };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string' },
    first: { type: 'string', default: '0' },
  },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const packages = fileURLToPath(new URL('../../packages', import.meta.url));
const kinds = new Map<FuzzKind, Set<string>>();
for (const name of readdirSync(packages)) {
  const file = join(packages, name, 'test', 'fuzz-targets.ts');
  for (const { kind } of existsSync(file) ? await targetsIn(file) : []) {
    if (positionals.length > 0 && !positionals.includes(kind)) continue;
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(file));
  }
}
const lanes = Math.min(availableParallelism(), kinds.size);
const share = (1000 * lanes * Number(values.seconds)) / kinds.size;
const waiting = [...kinds];
let [inputs, found] = [0, 0];
await Promise.all(Array.from({ length: lanes }, lane));
console.log(`seed ${seed}: ${inputs} inputs of ${kinds.size} kinds, ${found} findings`);
process.exitCode = found === 0 ? 0 : 1;

async function lane(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [kind, files] = next;
    const start = Number(values.first);
    const deadline = Date.now() + share;
    let first = start;
    while (Date.now() < deadline) {
      const { read, findings } = await fuzz({ kind, files: [...files], seed, first }, deadline - Date.now());
      first += read;
      found += findings.length;
      for (const { index, target, finding } of findings)
        console.log(`seed ${seed}, ${kind}, input ${index} (${target}): ${finding}`);
    }
    inputs += first - start;
    console.log(`seed ${seed}, ${kind}: ${first - start} inputs`);
  }
}
