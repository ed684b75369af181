import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { manifestFile, readManifest } from './manifest.ts';
import { definedNames, readDefinition } from './prepare/resolve-source.ts';

export interface DatasetSummary {
  name: string;
  description: string;
  licence: string;
  /** Size of the source files. */
  bytes?: number;
  /** The prepared forms, as `<encoding>-<V>`. */
  prepared: string[];
}

/**
 * The manifests of a folder, and what was prepared there from files and folders without one, by name.
 * @throws InputError when a manifest is not valid
 */
export async function listDatasets(datasetsDirectory: string): Promise<DatasetSummary[]> {
  const defined = definedNames(datasetsDirectory);
  const summaries = defined.map((name): DatasetSummary => {
    const { description, licence, bytes } = readDefinition(join(datasetsDirectory, `${name}.json`));
    const prepared = preparedForms(join(datasetsDirectory, name));
    return { name, description, licence, prepared, ...(bytes === undefined ? {} : { bytes }) };
  });
  for (const name of existsSync(datasetsDirectory) ? readdirSync(datasetsDirectory) : []) {
    if (defined.includes(name)) continue;
    const prepared = preparedForms(join(datasetsDirectory, name));
    const [form] = prepared;
    if (form === undefined) continue;
    const { licence, source } = readManifest(join(datasetsDirectory, name, form));
    summaries.push({ name, description: 'prepared without a manifest', licence, bytes: source.bytes, prepared });
  }
  return summaries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function preparedForms(directory: string): string[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) return [];
  return readdirSync(directory)
    .filter((form) => !form.startsWith('.') && existsSync(join(directory, form, manifestFile)))
    .sort();
}
