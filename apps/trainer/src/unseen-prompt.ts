import { warn } from '@dynact/command-line';
import type { PreparedDataset } from '@dynact/data';
import type { Config } from '@dynact/training';

/** Says which tokens of the text that the model is to continue never occur in what it learns from: it writes nonsense then. */
export async function warnOfUnseenPrompt({ training }: Config, dataset: PreparedDataset): Promise<void> {
  if (training.sample === null) return;
  const { prompt } = training.sample;
  const tokenizer = await dataset.tokenizer();
  const { train } = dataset.tokenCounts();
  const unseen = [...new Set(tokenizer.encode(prompt))].filter((id) => train[id] === 0);
  if (unseen.length === 0) return;
  const parts = unseen.map((id) => JSON.stringify(tokenizer.decode([id]))).join(', ');
  warn(
    `warning: training.sample.prompt ${JSON.stringify(prompt)}: token ${parts} does not occur in the training text; expect nonsense after it`,
  );
}
