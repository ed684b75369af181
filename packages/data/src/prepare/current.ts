import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetDefinition } from '../definition.ts';
import { type DatasetManifest, manifestFile, readManifest } from '../manifest.ts';
import { type DatasetFolders, findDefinition, readDefinition } from '../read-definition.ts';
import type { SourceFile } from '../sources/documents.ts';
import { fileDigest } from '../sources/file-digest.ts';

/** Whether what lies at `place` was made from these files as the definition says. Unchanged files are not read. */
export async function isCurrent(
  place: string,
  definition: DatasetDefinition,
  files: readonly SourceFile[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let manifest: DatasetManifest;
  let prepared: number;
  try {
    manifest = readManifest(place);
    prepared = statSync(join(place, manifestFile)).mtimeMs;
  } catch {
    return false;
  }
  if (manifest.definition !== digestOf(definition)) return false;
  if (manifest.source.files.length !== files.length) return false;
  for (const [index, file] of files.entries()) {
    const known = manifest.source.files[index];
    if (known?.name !== file.name || known.bytes !== file.bytes) return false;
    const { mtimeMs, ctimeMs } = statSync(file.path);
    const touched = Math.max(mtimeMs, ctimeMs) >= prepared;
    if (touched && known.sha256 !== (await fileDigest(file.path, signal))) return false;
  }
  return true;
}

/** The folder prepared of a name whose files are out of reach now: on another machine, say, or offline. */
export function preparedBefore(source: string, folders: DatasetFolders, form: string): string | undefined {
  const place = join(folders.datasets, source, form);
  const defined = findDefinition(source, folders.definitions);
  try {
    const { definition } = readManifest(place);
    return defined !== undefined && definition !== digestOf(readDefinition(defined)) ? undefined : place;
  } catch {
    return undefined;
  }
}

/** sha256 of a value's JSON, in hexadecimal. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
