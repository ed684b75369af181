import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { manifestFile } from './manifest.ts';
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

/** The manifests of a folder, by name. @throws InputError when one is not valid */
export async function listDatasets(datasetsDirectory: string): Promise<DatasetSummary[]> {
  return definedNames(datasetsDirectory).map((name) => {
    const { description, licence, bytes } = readDefinition(join(datasetsDirectory, `${name}.json`));
    const prepared = preparedForms(join(datasetsDirectory, name));
    return { name, description, licence, prepared, ...(bytes === undefined ? {} : { bytes }) };
  });
}

function preparedForms(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((form) => !form.startsWith('.') && existsSync(join(directory, form, manifestFile)))
    .sort();
}
