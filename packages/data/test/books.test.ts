import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '@dynact/files';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listDatasets, openDataset, type PreparedDataset, prepareDataset } from '../src/index.ts';
import { foldersOf } from './support/prepare.ts';

const definitions = fileURLToPath(new URL('../../../datasets/', import.meta.url));
let directory: string;
let books: PreparedDataset;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dynact-books-'));
  for (const name of ['gutenberg-books.json', 'alice-smoke.json'])
    cpSync(join(definitions, name), join(directory, name));
  books = await prepare('gutenberg-books');
});
afterAll(() => {
  books.close();
  rmSync(directory, { recursive: true });
});

function prepare(source: string): Promise<PreparedDataset> {
  return prepareDataset({ source, ...foldersOf(directory), encoding: 'r50k_base', vocabularySize: 1024 });
}

describe('the default books', () => {
  test('validate on Persuasion, test on The Man Who Was Thursday, train on the other nine', async () => {
    const { splits } = books.manifest;
    expect([splits.train.documents, splits.validation.documents, splits.test.documents]).toEqual([9, 1, 1]);
    const tokenizer = await books.tokenizer();
    const start = (split: 'train' | 'validation' | 'test') => tokenizer.decode(books.splits[split].read(0, 60));
    expect(start('train')).toContain('[Emma by Jane Austen 1816]');
    expect(start('validation')).toContain('[Persuasion by Jane Austen 1818]\n\nChapter 1\n\nSir Walter Elliot, of');
    expect(start('test')).toContain('[The Man Who Was Thursday by G. K. Chesterton 1908]');
  });

  test('hold each document as the tokenizer encodes the whole of it', async () => {
    const { validation } = books.splits;
    const tokenizer = await books.tokenizer();
    const ids = [...validation.read(0, validation.length)];
    expect(ids.pop()).toBe(tokenizer.endOfText);
    const text = tokenizer.decode(ids);
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(Buffer.byteLength(text)).toBe(books.manifest.splits.validation.bytes);
    expect(text).not.toMatch(/\r|\n\n\n|[^\n]\n[^\n]/);
  });

  test('have the unigram perplexity that counting gives', () => {
    const count = (ids: Int32Array) => {
      const counts = new Map<number, number>();
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
      return counts;
    };
    const { train, validation } = books.splits;
    const trainCounts = count(train.read(0, train.length));
    let nats = 0;
    for (const id of validation.read(0, validation.length)) {
      nats -= Math.log(((trainCounts.get(id) ?? 0) + 1) / (train.length + 1024));
    }
    expect(books.unigramPerplexity('validation')).toBeCloseTo(Math.exp(nats / validation.length), 6);
  });

  test('are not made again when nothing has changed', async () => {
    const marker = join(books.directory, 'marker');
    writeFileSync(marker, '');
    const again = await prepare('gutenberg-books');
    expect(readFileSync(marker, 'utf8')).toBe('');
    again.close();
    rmSync(marker);
  });

  test('are listed with their license and what is prepared of them', async () => {
    expect(listDatasets(foldersOf(directory))).toMatchObject([
      { name: 'alice-smoke', prepared: [] },
      { name: 'gutenberg-books', bytes: 5_867_634, prepared: ['r50k_base-1024'] },
    ]);
  });
});

describe('a prepared dataset is refused', () => {
  test('when a token file is cut off or has changed', async () => {
    const alice = await prepare('alice-smoke');
    alice.close();
    const file = join(alice.directory, 'train.bin');
    const original = readFileSync(file);
    truncateSync(file, original.length - 2);
    await expect(openDataset(alice.directory)).rejects.toThrow(/train\.bin has \d+ bytes instead of/);
    const changed = Buffer.from(original);
    changed[1000] = changed[1000]! ^ 1;
    writeFileSync(file, changed);
    await expect(openDataset(alice.directory)).rejects.toThrow(/has changed since it was prepared/);
    writeFileSync(file, original);
    appendFileSync(join(alice.directory, 'manifest.json'), '}');
    await expect(openDataset(alice.directory)).rejects.toThrow(InputError);
    await expect(openDataset(join(directory, 'nowhere'))).rejects.toThrow(/does not exist/);
  });
});
