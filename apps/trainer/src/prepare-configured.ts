import { createProgress, type ProgressLine, warn } from '@dynact/command-line';
import { type PreparedDataset, prepareDataset } from '@dynact/data';
import type { Config } from '@dynact/training';
import { datasetFolders } from './places.ts';

/** Opens the dataset of a configuration, prepared now if it is not yet, with progress on stderr. */
export async function prepareConfigured(
  { name, encoding, vocabSize }: Config['dataset'],
  options: { workers?: number; signal?: AbortSignal } = {},
): Promise<PreparedDataset> {
  const progress = createProgress();
  const lines = new Map<string, ProgressLine>();
  let dataset: PreparedDataset;
  try {
    dataset = await prepareDataset({
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
  if (lines.size > 0) {
    const { train, validation, test } = dataset.manifest.splits;
    warn(`${name}: train is ${train.rule}; validation is ${validation.rule}; test is ${test.rule}`);
  }
  return dataset;
}
