import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { isBuilt } from '../../../../test/support/built.ts';

const fileAt = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Node's arguments for the trainer. */
export const trainer = isBuilt
  ? [fileAt('../../dist/main.js')]
  : ['--conditions=@dynact/source', '--import', 'tsx', fileAt('../../src/main.ts')];
const repositoryRoot = fileAt('../../../..');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for one test file, with datasets of its own. */
export class Workbench {
  readonly directory = mkdtempSync(join(tmpdir(), 'dynact-trainer-'));
  readonly datasets = join(this.directory, 'datasets');
  /** A corpus that is tokenized and trained on in a second. */
  readonly corpus = join(this.directory, 'walks.txt');

  /** As the clone's own scripts start the trainer: in its root, with the user in the workbench. */
  readonly environment = { INIT_CWD: this.directory, npm_package_name: 'dynact', DYNACT_CALLED_AS: 'dynact' };

  constructor() {
    mkdirSync(this.datasets);
    const words = 'the a old young man woman dog walked ran slept to from near river hill house and then but'.split(
      ' ',
    );
    const sentence = (n: number) =>
      Array.from({ length: 12 }, (_, k) => words[(n * 5 + k * (1 + (n % 7))) % words.length]);
    const text = Array.from({ length: 700 }, (_, n) => `${sentence(n).join(' ')}.`).join('\n\n');
    writeFileSync(this.corpus, text);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** `--set` arguments of a run that takes a second or two. */
  tiny(values: Record<string, unknown> = {}): string[] {
    const settings = {
      'dataset.name': this.corpus,
      'dataset.vocabSize': 300,
      'model.layers': 1,
      'model.width': 16,
      'model.heads': 2,
      'model.context': 16,
      'training.steps': 20,
      'training.batchSize': 4,
      'training.checkpoint.every': 5,
      'backend.threads': 1,
      ...values,
    };
    return Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`]);
  }

  start(parameters: readonly string[], input: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
    return spawn(process.execPath, [...trainer, ...parameters], {
      cwd: repositoryRoot,
      // pnpm's way to start vitest sets NODE_PATH, which finds packages that a user's trainer does not.
      env: { ...process.env, NODE_PATH: '', ...this.environment },
      stdio: [input, 'pipe', 'pipe'],
    });
  }

  run(...parameters: string[]): Promise<Outcome> {
    return ended(this.start(parameters));
  }

  /** As `run`, without a process of its own: twenty times as fast, for commands that end before they compute. */
  async runHere(...parameters: string[]): Promise<Outcome> {
    Object.assign(process.env, this.environment);
    const [{ createProgram }, { report }] = await Promise.all([
      import('../../src/program.ts'),
      import('@dynact/command-line'),
    ]);
    const out: string[] = [];
    const errors: string[] = [];
    const spies = [
      vi.spyOn(console, 'log').mockImplementation((line) => out.push(`${line}\n`)),
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0),
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0),
    ];
    try {
      await (await createProgram(parameters)).parseAsync(parameters, { from: 'user' });
      return { status: 0, stdout: out.join(''), stderr: errors.join('') };
    } catch (error) {
      return { status: report(error), stdout: out.join(''), stderr: errors.join('') };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  /** Every file below the workbench with its size: what a refused command must leave as it was. */
  listing(): string[] {
    const entries = readdirSync(this.directory, { recursive: true, encoding: 'utf8' });
    return entries
      .map((entry) => ({ entry, file: statSync(join(this.directory, entry)) }))
      .filter(({ file }) => file.isFile())
      .map(({ entry, file }) => `${entry} ${file.size}`)
      .sort();
  }
}

export function ended(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

/**
 * Looks until a condition holds, while a child is at work.
 * @throws Error with what the child printed, where it ends before
 */
export async function until(condition: () => boolean, outcome: Promise<Outcome>): Promise<void> {
  let over: Outcome | undefined;
  void outcome.then((found) => {
    over = found;
  });
  while (!condition()) {
    if (over !== undefined) throw new Error(`ended with ${over.status} before ${condition} held:\n${over.stderr}`);
    await setTimeout(2);
  }
}

export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The records of a run without what may differ between equal runs. */
export function timelessRecords(runDirectory: string): unknown[] {
  const lines = readFileSync(join(runDirectory, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const record = JSON.parse(line) as Record<string, unknown>;
    for (const name of ['elapsedMs', 'tokensPerSecond', 'exchangeMs', 'copyMs']) delete record[name];
    return record;
  });
}
