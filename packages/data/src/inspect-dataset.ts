import type { SplitName } from './manifest.ts';
import type { PreparedDataset } from './prepared-dataset.ts';

export interface SplitInspection {
  documents: number;
  tokens: number;
  /** UTF-8 bytes of text. */
  bytes: number;
  bytesPerToken: number;
  /** Different ids that occur. */
  distinctIds: number;
}

/** Facts of a prepared dataset to know before training on it. Plain data, fit for JSON. */
export interface DatasetInspection {
  name: string;
  license: string;
  directory: string;
  encoding: string;
  vocabularySize: number;
  /** `nullRows`: rows of null, passed over. */
  source: { files: number; bytes: number; sha256: string; nullRows: number };
  splits: Record<SplitName, SplitInspection>;
  /** Ids that occur in no split: rows of the embedding that are never trained. */
  unusedIds: number;
  /** The train split's most frequent ids, with the text they stand for and their share of its tokens. */
  mostFrequent: { id: number; text: string; count: number; share: number }[];
  /** Perplexity of guessing by the train split's frequencies alone: the floor to beat. */
  unigramPerplexity: { validation: number; test: number };
  /** Text from the middle of the train split, decoded. */
  sample: string;
}

const mostFrequentCount = 20;
const sampleTokens = 128;

/** Statistics, the most frequent tokens and a sample. @throws InputError when the token counts are damaged */
export async function inspectDataset(dataset: PreparedDataset): Promise<DatasetInspection> {
  const { manifest, splits, directory } = dataset;
  const { name, license, encoding, vocabularySize, source } = manifest;
  const nullRows = source.files.reduce((sum, file) => sum + file.nullRows, 0);
  const tokenizer = await dataset.tokenizer();
  const counts = dataset.tokenCounts();
  const inspectSplit = (split: SplitName): SplitInspection => {
    const { documents, tokens, bytes, bytesPerToken } = manifest.splits[split];
    return { documents, tokens, bytes, bytesPerToken, distinctIds: counts[split].filter((times) => times > 0).length };
  };
  const ranked = counts.train
    .map((count, id) => ({ id, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.id - b.id);
  const { train } = splits;
  const sampleLength = Math.min(sampleTokens, train.length);
  return {
    name,
    license,
    directory,
    encoding,
    vocabularySize,
    source: { files: source.files.length, bytes: source.bytes, sha256: source.sha256, nullRows },
    splits: { train: inspectSplit('train'), validation: inspectSplit('validation'), test: inspectSplit('test') },
    unusedIds: counts.train.filter((_, id) => counts.train[id]! + counts.validation[id]! + counts.test[id]! === 0)
      .length,
    mostFrequent: ranked
      .slice(0, mostFrequentCount)
      .map(({ id, count }) => ({ id, text: tokenizer.decode([id]), count, share: count / train.length })),
    unigramPerplexity: {
      validation: dataset.unigramPerplexity('validation'),
      test: dataset.unigramPerplexity('test'),
    },
    sample: tokenizer.decode(train.read(Math.floor((train.length - sampleLength) / 2), sampleLength)),
  };
}
