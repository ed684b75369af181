import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { prepareDataset } from '../../src/index.ts';
import { generateText } from '../support/generate-text.ts';
import { foldersOf } from '../support/prepare.ts';

const definitions = fileURLToPath(new URL('../../../../datasets/', import.meta.url));
const corpora = process.env.DYNACT_CORPORA;
const form = { encoding: 'r50k_base', vocabularySize: 4096 } as const;

interface Job {
  source: string;
  folder: string;
  workers: number;
}

/** sha256 of every file of a prepared dataset but one: how the source files stood is of this machine and time. */
function digests(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory)
      .filter((name) => name !== 'source-stamps.json')
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex'),
      ]),
  );
}

async function prepare(job: Job, options: { signal?: AbortSignal } = {}): Promise<Record<string, string>> {
  const dataset = await prepareDataset({ ...form, ...foldersOf(job.folder), ...job, ...options });
  dataset.close();
  return digests(dataset.directory);
}

/** The folder of the only corpus of some datasets. */
function corpusFolder(datasets: string): string {
  return join(datasets, readdirSync(datasets)[0]!);
}

/** Prepares in a process of its own, which is killed when this share of the text is tokenized. */
async function prepareAndKill(job: Job, share: number): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@dynact/source',
      '--import',
      'tsx',
      'test/support/prepare-child.ts',
      JSON.stringify({ ...form, ...foldersOf(job.folder), ...job }),
      ...[String(share), 'SIGKILL'],
    ],
    { cwd: new URL('../../', import.meta.url), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  expect(await new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)))).toBe('SIGKILL');
}

/** A datasets folder with the project's definitions. */
function datasetsFolder(): string {
  const folder = temporaryFolder();
  cpSync(definitions, folder, { recursive: true, filter: (path) => path === definitions || path.endsWith('.json') });
  return folder;
}

describe('1, 2 and 4 workers, and a second call after a SIGKILL, make the same files of', () => {
  async function expectSame(source: string): Promise<void> {
    const reference = await prepare({ source, folder: datasetsFolder(), workers: 1 });
    expect(Object.keys(reference)).toEqual([
      'manifest.json',
      'test.bin',
      'token-counts.json',
      'train.bin',
      'validation.bin',
    ]);
    for (const workers of [2, 4]) {
      expect(await prepare({ source, folder: datasetsFolder(), workers })).toEqual(reference);
    }
    const job = { source, folder: datasetsFolder(), workers: 2 };
    await prepareAndKill(job, 0.5);
    expect(existsSync(join(job.folder, source, 'r50k_base-4096'))).toBe(false);
    expect(await prepare(job)).toEqual(reference);
    expect(readdirSync(join(job.folder, source))).toEqual(['r50k_base-4096']);
  }

  test('the books', () => expectSame('gutenberg-books'));
  const reason = corpora === undefined ? ' (skipped: set DYNACT_CORPORA to the folder that holds it)' : '';
  test.skipIf(corpora === undefined)(`WikiText-2${reason}`, () => expectSame('wikitext-2'));
  test.skipIf(corpora === undefined)(`TinyStories${reason}`, () => expectSame('tinystories'));
});

describe('a file larger than the journal’s step', () => {
  test('is gone on with after a kill: what was written is kept, not made again', async () => {
    const folder = temporaryFolder();
    const source = join(folder, 'large.txt');
    generateText(source, 10e6);
    const reference = await prepare({ source, folder: join(folder, 'whole'), workers: 1 });
    const job = { source, folder: join(folder, 'killed'), workers: 2 };
    await prepareAndKill(job, 0.7);
    const partial = join(corpusFolder(job.folder), '.r50k_base-4096.partial');
    const journal = JSON.parse(readFileSync(join(partial, 'journal.json'), 'utf8'));
    expect(journal.tasks).toBeGreaterThan(5);
    // A mark at the beginning shows whether that part is written again.
    const bytes = readFileSync(join(partial, 'train.bin'));
    writeSync(openSync(join(partial, 'train.bin'), 'r+'), Uint8Array.of(bytes[0]! ^ 1), 0, 1, 0);
    const resumed = await prepare(job);
    const train = readFileSync(join(corpusFolder(job.folder), 'r50k_base-4096', 'train.bin'));
    expect(train[0]).toBe(bytes[0]! ^ 1);
    train[0] = bytes[0]!;
    expect(createHash('sha256').update(train).digest('hex')).toBe(reference['train.bin']);
    expect(resumed['validation.bin']).toBe(reference['validation.bin']);

    // Another text under the same name is begun afresh.
    const other = { ...job, folder: join(folder, 'other') };
    await prepareAndKill(other, 0.7);
    writeFileSync(source, readFileSync(source, 'utf8').replaceAll('the ', 'our '));
    const fresh = await prepare({ ...job, folder: join(folder, 'fresh') });
    expect(await prepare(other)).toEqual(fresh);
  });
});

test('interrupted, the reason is passed on and the next call goes on', async () => {
  const folder = temporaryFolder();
  const source = join(folder, 'some.txt');
  generateText(source, 3e6);
  const job = { source, folder: join(folder, 'datasets'), workers: 1 };
  const reason = new Error('interrupted');
  await expect(prepare(job, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const controller = new AbortController();
  const dataset = prepareDataset({
    ...form,
    ...foldersOf(job.folder),
    ...job,
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await expect(dataset).rejects.toBe(reason);
  expect(existsSync(join(corpusFolder(job.folder), 'r50k_base-4096'))).toBe(false);
  expect(Object.keys(await prepare(job))).toContain('train.bin');
});

test('two calls at once make it once', async () => {
  const folder = temporaryFolder();
  const source = join(folder, 'some.txt');
  generateText(source, 3e6);
  const phases: string[][] = [[], []];
  const job = { ...form, source, ...foldersOf(join(folder, 'datasets')), workers: 1 };
  const datasets = await Promise.all(
    phases.map((seen) => prepareDataset({ ...job, onProgress: ({ phase }) => seen.push(phase) })),
  );
  expect(datasets[0]!.manifest).toEqual(datasets[1]!.manifest);
  expect(phases.filter((seen) => seen.length > 0)).toHaveLength(1);
  for (const dataset of datasets) dataset.close();
});
