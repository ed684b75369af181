import { createProgress, type ProgressLine, warn } from '@dynact/command-line';
import { openPrepared, type PreparedDataset, prepareDataset } from '@dynact/data';
import type { Config } from '@dynact/training';
import { datasetFolders } from './places.ts';

/** Opens the dataset of a configuration, prepared now if it is not yet, with progress and warnings on stderr. */
export async function prepareConfigured(
  configured: Config['dataset'],
  options: { workers?: number; signal?: AbortSignal } = {},
): Promise<PreparedDataset> {
  const dataset = await prepare(configured, options);
  for (const { name, controlCharacters: count } of dataset.manifest.source.files) {
    const cause = 'probably windows-1252 that was read as latin-1 and saved so; convert the original anew';
    if (count > 0) warn(`warning: ${name} holds ${count} control characters (U+0080 to U+009F): ${cause}`);
  }
  return dataset;
}

async function prepare(
  { name, encoding, vocabSize }: Config['dataset'],
  options: { workers?: number; signal?: AbortSignal },
): Promise<PreparedDataset> {
  const progress = createProgress();
  const lines = new Map<string, ProgressLine>();
  try {
    return await prepareDataset({
      source: name,
      ...datasetFolders(),
      encoding,
      vocabularySize: vocabSize,
      ...options,
      onProgress({ phase, done, total }) {
        let line = lines.get(phase);
        if (line === undefined) {
          line = progress.line(`${name}: ${phase} (bytes)`, total);
          lines.set(phase, line);
        }
        line.update(done);
      },
    });
  } finally {
    progress.stop();
  }
}

/** Opens the dataset of a configuration as it was prepared; undefined where it is not. */
export function openConfigured({ name, encoding, vocabSize }: Config['dataset']): Promise<PreparedDataset | undefined> {
  return openPrepared({ source: name, ...datasetFolders(), encoding, vocabularySize: vocabSize });
}

/** Says that a text is so short that no window of the model's length is left to judge it by. */
export function warnOfLittleText({ model }: Config, { splits }: PreparedDataset): void {
  const { length } = splits.validation;
  if (length > model.context) return;
  warn(
    `warning: the validation split has ${length} tokens, fewer than one window of context + 1 = ${model.context + 1}: ` +
      'its loss says nothing; give a few hundred kilobytes of text',
  );
}

/** Where the token files of a corpus lie, how many tokens each split has, and which text is in it. */
export function describeCorpus({ directory, manifest }: PreparedDataset): string {
  const rows = Object.entries(manifest.splits).map(
    ([name, { tokens, rule }]) => `  ${name.padEnd(10)} ${tokens.toLocaleString('en').padStart(13)} tokens: ${rule}`,
  );
  return [`${manifest.name}: ${directory}`, ...rows].join('\n');
}
