import { onTestFinished } from 'vitest';
import { type DatasetFolders, type PreparedDataset, type PrepareOptions, prepareDataset } from '../../src/index.ts';

/** One folder for both the definitions and the datasets. */
export function foldersOf(folder: string): DatasetFolders {
  return { definitions: [folder], datasets: folder };
}

/** Prepares with a small vocabulary; the dataset is closed when the test has ended. */
export async function prepareSmall(
  source: string,
  folder: string,
  options: Partial<PrepareOptions> = {},
): Promise<PreparedDataset> {
  const dataset = await prepareDataset({
    source,
    ...foldersOf(folder),
    encoding: 'r50k_base',
    vocabularySize: 512,
    ...options,
  });
  onTestFinished(() => dataset.close());
  return dataset;
}

/** The whole text of a split, ends of documents marked. */
export async function textOf(dataset: PreparedDataset, split: 'train' | 'validation' | 'test'): Promise<string> {
  const tokens = dataset.splits[split];
  return (await dataset.tokenizer()).decode(tokens.read(0, tokens.length));
}

/** The documents of a split. */
export async function documentsOf(dataset: PreparedDataset, split: 'train' | 'validation' | 'test'): Promise<string[]> {
  return (await textOf(dataset, split)).split('<|endoftext|>').slice(0, -1);
}

/** The text of all splits, one after the other: a cut by position may part the bytes of a character. */
export async function wholeTextOf({ splits, tokenizer }: PreparedDataset): Promise<string> {
  const ids = Object.values(splits).flatMap((tokens) => [...tokens.read(0, tokens.length)]);
  return (await tokenizer()).decode(ids);
}
