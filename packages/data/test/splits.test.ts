import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { inferSplits } from '../src/prepare/infer-splits.ts';
import { documentsOf, prepareSmall, textOf } from './support/prepare.ts';

/** A folder of files, each with its own name for a text. */
function folderOf(...names: string[]): string {
  const folder = join(temporaryFolder(), 'corpus');
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const text = `Text of ${name}`;
    writeFileSync(join(folder, name), /\.jsonl$/.test(name) ? `${JSON.stringify({ text })}\n` : text);
  }
  return folder;
}

describe('names of files and folders make the splits, as Hugging Face reads them', () => {
  test.each<[string, string[], string[], string[]]>([
    ['an underscore and a digit', ['train_0.txt', 'train_1.txt'], ['valid_0.txt'], ['test_0.txt']],
    ['a digit', ['train0.txt'], ['valid0.txt'], ['test0.txt']],
    ['shards', ['train-00000-of-00001.jsonl'], ['validation-00000-of-00001.jsonl'], ['test-00000-of-00001.jsonl']],
    [
      'shards of a stage',
      ['train_sft-00000-of-00001.jsonl'],
      ['validation_sft-00000-of-00001.jsonl'],
      ['test_sft-00000-of-00001.jsonl'],
    ],
    ['folders', ['train/a.txt', 'train/b.txt'], ['validation/a.txt'], ['test/a.txt']],
    ['folders of other names', ['training/x.txt'], ['val/x.txt'], ['eval/x.txt']],
    ['a folder that says more than the file', ['train/test of a hero.txt'], ['dev/x.txt'], ['test/x.txt']],
    ['the split at the end', ['corpus.train.txt'], ['corpus.valid.txt'], ['corpus.test.txt']],
    ['a language before it', ['de-train.txt', 'en-train.txt'], ['de-dev.txt', 'en-dev.txt'], ['en-test.txt']],
    ['capitals', ['Training.txt'], ['Validation.txt'], ['Evaluation.txt']],
    ['other files about the corpus', ['train.txt'], ['dev.txt'], ['testing.txt']],
  ])('%s', async (what, train, validation, held) => {
    const others = what.includes('about') ? ['README.md', 'LICENSE.txt'] : [];
    const dataset = await prepareSmall(folderOf(...train, ...validation, ...held, ...others), temporaryFolder());
    const texts = (names: string[]) => names.map((name) => `Text of ${name}`);
    expect(await documentsOf(dataset, 'train')).toEqual(texts(train));
    expect(await documentsOf(dataset, 'validation')).toEqual(texts(validation));
    expect(await documentsOf(dataset, 'test')).toEqual(texts(held));
    const { splits } = dataset.manifest;
    expect([splits.train, splits.validation, splits.test].map(({ rule }) => rule)).toEqual(
      [train, validation, held].map((names) => names.join(', ')),
    );
  });

  test.each(['valid.txt', 'test.txt', 'dev/x.txt', 'eval.txt'])('train and %s alone: both halves', async (name) => {
    const dataset = await prepareSmall(folderOf('train.txt', name), temporaryFolder());
    expect(await documentsOf(dataset, 'train')).toEqual(['Text of train.txt']);
    const [validation, held] = await Promise.all([textOf(dataset, 'validation'), textOf(dataset, 'test')]);
    expect(validation + held).toBe(`Text of ${name}<|endoftext|>`);
    expect(Math.abs(dataset.splits.validation.length - dataset.splits.test.length)).toBeLessThanOrEqual(1);
    expect(dataset.manifest.splits.test.rule).toBe(`the second half of ${name}`);
  });
});

test('names that say nothing of splits leave it to the position, and the manifest says so', async () => {
  const byPosition = { by: 'position', validation: 0.05, test: 0.05 };
  for (const names of [
    ['a.txt', 'b.txt'],
    ['train-1.txt', 'train-2.txt'],
    ['testament.txt', 'valley.txt', 'developer.txt', 'evaluations.txt'],
    ['the train to paris.txt', 'emma.txt'],
    ['test.txt'],
    ['README.md', 'CHANGELOG.md'],
  ]) {
    expect(inferSplits(names, '/corpus')).toEqual({ splits: byPosition, names });
  }
  const folder = folderOf('a.txt');
  writeFileSync(join(folder, 'a.txt'), 'one two three '.repeat(100));
  const { splits } = (await prepareSmall(folder, temporaryFolder())).manifest;
  expect(splits.train.rule).toBe('the first 90 % of the text');
  expect(splits.test.rule).toBe('the last 5 % of the text');
});

test.each<[string[], RegExp]>([
  [['train.txt', 'notes.txt'], /train\.txt is named like a split and notes\.txt is not/],
  [['corpus.txt', 'valid.txt'], /valid\.txt is named like a split and corpus\.txt is not/],
  [['train.txt', 'heldout.txt'], /train\.txt is named like a split and heldout\.txt is not/],
  [['trainset.txt', 'testset.txt'], /testset\.txt looks like a split and is not named like one/],
  [['trainA.txt', 'testA.txt'], /testA\.txt looks like a split/],
  [['corpus.txt', 'held-out.txt'], /held-out\.txt looks like a split/],
  [['train_val.txt', 'test.txt'], /train_val\.txt is named like two/],
  [['test.txt', 'valid.txt'], /test\.txt is named like one and no file like the training split/],
  [['train/a.txt', 'b.txt'], /train\/a\.txt is named like a split and b\.txt is not/],
])('%j is refused in one line that says what to do', async (names, message) => {
  const refused = prepareSmall(folderOf(...names), temporaryFolder());
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toThrow(/the splits of \S+corpus are not clear, .*: name its files .* a definition/);
});
