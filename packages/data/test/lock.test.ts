import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { prepareDataset } from '../src/index.ts';
import { fileDigest } from '../src/sources/file-digest.ts';
import { generateText } from './support/generate-text.ts';
import { foldersOf, prepareSmall } from './support/prepare.ts';

const form = { encoding: 'r50k_base', vocabularySize: 512, workers: 1 } as const;

function corpusOf(bytes: number): { source: string; datasets: string } {
  const folder = temporaryFolder();
  generateText(join(folder, 'some.txt'), bytes);
  return { source: join(folder, 'some.txt'), datasets: join(folder, 'datasets') };
}

/** The folder of the only corpus of some datasets. */
const corpusFolder = (datasets: string) => join(datasets, readdirSync(datasets)[0]!);

/** Prepares, and does something when a part has been written. */
function prepareAnd(job: { source: string; datasets: string }, act: () => void): Promise<{ close(): void }> {
  let acted = false;
  return prepareDataset({
    ...form,
    source: job.source,
    ...foldersOf(job.datasets),
    onProgress({ phase, done, total }) {
      if (acted || phase !== 'tokenize' || done < total / 2) return;
      acted = true;
      act();
    },
  });
}

describe('a process whose lock is another’s by now', () => {
  const other = JSON.stringify({ pid: 1, host: 'elsewhere', startedAt: null, attempt: null, token: 'other' });

  test('writes no more, leaves what is there to the other, and its lock', async () => {
    const job = corpusOf(2e6);
    const lock = () => join(corpusFolder(job.datasets), '.r50k_base-512.lock');
    const error = await prepareAnd(job, () => writeFileSync(lock(), other)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).kind).toBe('busy');
    expect((error as InputError).message).toMatch(/taken over by process 1 on elsewhere/);
    expect(readFileSync(lock(), 'utf8')).toBe(other);
    expect(readdirSync(corpusFolder(job.datasets)).sort()).toEqual(['.r50k_base-512.lock', '.r50k_base-512.partial']);
  });

  test('publishes nothing over what the other has published', async () => {
    const job = corpusOf(2e6);
    const published = () => join(corpusFolder(job.datasets), 'r50k_base-512');
    const stopped = prepareAnd(job, () => {
      // The other has finished in the meantime, and has let go.
      renameSync(join(corpusFolder(job.datasets), '.r50k_base-512.partial'), published());
      rmSync(join(corpusFolder(job.datasets), '.r50k_base-512.lock'));
    });
    await expect(stopped).rejects.toThrow(/no longer held by this process/);
    expect(existsSync(published())).toBe(true);
  });

  test('waits for another machine’s lock, however old, and goes on when it is gone', async () => {
    const job = corpusOf(1e5);
    const { directory } = await prepareSmall(job.source, job.datasets);
    rmSync(directory, { recursive: true });
    const lock = join(directory, '..', '.r50k_base-512.lock');
    writeFileSync(lock, other);
    const waiting = prepareSmall(job.source, job.datasets);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(readFileSync(lock, 'utf8')).toBe(other);
    rmSync(lock);
    expect((await waiting).directory).toBe(directory);
  });

  test('takes the lock of a process that has gone', async () => {
    const job = corpusOf(1e5);
    const { directory } = await prepareSmall(job.source, job.datasets);
    rmSync(directory, { recursive: true });
    const gone = { pid: 2 ** 22 + 1, host: hostname(), startedAt: null, attempt: null, token: 'gone' };
    writeFileSync(join(directory, '..', '.r50k_base-512.lock'), JSON.stringify(gone));
    expect((await prepareSmall(job.source, job.datasets)).directory).toBe(directory);
  });
});

test('a process that was stopped and goes on changes nothing that another has made since', async () => {
  const job = corpusOf(6e6);
  const child = spawn(
    process.execPath,
    [
      ...['--conditions=@dynact/source', '--import', 'tsx', 'test/support/prepare-child.ts'],
      JSON.stringify({ ...form, source: job.source, ...foldersOf(job.datasets) }),
      ...['0.75', 'SIGSTOP'],
    ],
    { cwd: new URL('../', import.meta.url), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve) => {
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += text;
      if (said.includes('SIGSTOP')) resolve();
    });
  });
  // As an operator does, who takes it for dead.
  rmSync(join(corpusFolder(job.datasets), '.r50k_base-512.lock'));
  const dataset = await prepareSmall(job.source, job.datasets, form);
  const digests = () =>
    Promise.all(['train.bin', 'manifest.json'].map((name) => fileDigest(join(dataset.directory, name))));
  const before = await digests();
  child.kill('SIGCONT');
  expect(await ended).toBe(2);
  expect(errors).toMatch(/no longer held by this process/);
  expect(await digests()).toEqual(before);
  expect(readdirSync(corpusFolder(job.datasets)).sort()).toEqual(['origin.json', 'r50k_base-512']);
});

describe('a disk that cannot be written', () => {
  test.each<[string, (folder: string) => string, RegExp]>([
    [
      'a file in place of the datasets',
      (folder) => join(folder, 'some.txt'),
      /cannot be written: a part of the path is a file/,
    ],
    ['a folder below /proc', () => '/proc/dynact', /\/proc\/dynact\S* cannot be written: /],
    ['a name that is too long', (folder) => join(folder, 'x'.repeat(300)), /cannot be written: the name is too long/],
    ['a device', () => '/dev/null/x', /cannot be written: a part of the path is a file/],
  ])('%s: one line, nothing lost', async (_, datasetsOf, message) => {
    const { source } = corpusOf(1e5);
    const folder = join(source, '..');
    mkdirSync(join(folder, 'kept'));
    const refused = prepareSmall(source, datasetsOf(folder));
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(InputError);
    expect(readdirSync(folder).sort()).toEqual(['kept', 'some.txt']);
  });
});
