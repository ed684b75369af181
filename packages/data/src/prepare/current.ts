import { createHash } from 'node:crypto';
import type { DatasetDefinition } from '../definition.ts';
import { openDataset, type PreparedDataset } from '../prepared-dataset.ts';
import type { SourceFile } from '../sources/documents.ts';
import { areUnchanged } from '../sources/stamps.ts';

/** The dataset at `place`, if it is whole and was made from these files as the definition says. */
export async function openCurrent(
  place: string,
  definition: DatasetDefinition,
  files: readonly SourceFile[],
  signal: AbortSignal | undefined,
): Promise<PreparedDataset | undefined> {
  let dataset: PreparedDataset;
  try {
    dataset = await openDataset(place);
    dataset.tokenCounts();
  } catch {
    return undefined;
  }
  try {
    const { definition: digest, source } = dataset.manifest;
    const isSame =
      digest === digestOf(definition) &&
      source.files.length === files.length &&
      files.every(
        ({ name, bytes }, index) => name === source.files[index]?.name && bytes === source.files[index].bytes,
      );
    if (isSame && (await areUnchanged(place, files, source, signal))) return dataset;
  } catch (error) {
    dataset.close();
    throw error;
  }
  dataset.close();
  return undefined;
}

/** sha256 of a value's JSON, in hexadecimal. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
