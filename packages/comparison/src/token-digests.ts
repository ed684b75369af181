import type { PreparedDataset } from '@dynact/data';
import type { TokenDigests } from '@dynact/runs/records';

/** The tokens of a dataset that decide the results of runs. */
export function tokenDigests({ manifest }: PreparedDataset): TokenDigests {
  const { train, validation } = manifest.splits;
  return { train: train.sha256, validation: validation.sha256 };
}
