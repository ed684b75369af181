import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from './manifest.ts';
import { readOrigin } from './prepare/origin.ts';
import { type DatasetFolders, definedNames, findDefinition, readDefinition } from './read-definition.ts';

export interface DatasetSummary {
  name: string;
  description: string;
  license: string;
  /** Size of the source files. */
  bytes?: number;
  /** The prepared forms, as `<encoding>-<V>`. */
  prepared: string[];
}

/**
 * The definitions, and what was prepared from files and folders without one, by name.
 * @throws InputError when a definition is not valid
 */
export function listDatasets({ definitions, datasets }: DatasetFolders): DatasetSummary[] {
  const defined = definedNames(definitions);
  const summaries = defined.map((name): DatasetSummary => {
    const { description, license, bytes } = readDefinition(findDefinition(name, definitions)!);
    const prepared = preparedForms(join(datasets, name));
    return { name, description, license, prepared, ...(bytes === undefined ? {} : { bytes }) };
  });
  for (const name of existsSync(datasets) ? readdirSync(datasets) : []) {
    if (defined.includes(name)) continue;
    const prepared = preparedForms(join(datasets, name));
    const [form] = prepared;
    if (form === undefined) continue;
    const { license, source } = readManifest(join(datasets, name, form));
    const description = `prepared from ${readOrigin(datasets, name) ?? 'a corpus without a definition'}`;
    summaries.push({ name, description, license, bytes: source.bytes, prepared });
  }
  return summaries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function preparedForms(directory: string): string[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) return [];
  return readdirSync(directory)
    .filter((form) => !form.startsWith('.') && isPrepared(join(directory, form)))
    .sort();
}

/** Folders of older formats are not listed: they are made again when they are asked for. */
function isPrepared(directory: string): boolean {
  try {
    return readManifest(directory) !== undefined;
  } catch {
    return false;
  }
}
