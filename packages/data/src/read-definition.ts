import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { firstIssue, InputError, systemErrorCode } from '@dynact/files';
import { type DatasetDefinition, datasetDefinitionSchema } from './definition.ts';
import { createFileDecoder } from './sources/text-decoder.ts';

/** Where corpora are defined and where they are prepared. */
export interface DatasetFolders {
  /** Folders of definitions, `<name>.json`; the first that has a name counts. */
  readonly definitions: readonly string[];
  /** The folder of token files and of what was fetched: a folder for each corpus. */
  readonly datasets: string;
}

const renamedKeys = { licence: 'license', normalisation: 'normalization' };

/** Written by people, a definition is small; a larger file is something else. */
const mostBytes = 1024 * 1024;

/** @throws InputError when the file is not a valid definition */
export function readDefinition(path: string): DatasetDefinition {
  const refused = (reason: string) => new InputError('dataset', `dataset definition ${path} cannot be read: ${reason}`);
  let json: unknown;
  try {
    const { size } = statSync(path);
    if (size > mostBytes) throw refused(`it has ${size} bytes, more than ${mostBytes}`);
    const bytes = readFileSync(path);
    json = JSON.parse(createFileDecoder('utf-8', bytes).decode(bytes));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw refused(
      systemErrorCode(error) ?? (error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error)),
    );
  }
  for (const [before, now] of Object.entries(renamedKeys)) {
    if (typeof json === 'object' && json !== null && before in json)
      throw new InputError('dataset', `dataset definition ${path}: "${before}" is called "${now}" now: rename it`);
  }
  const parsed = datasetDefinitionSchema.safeParse(json);
  if (!parsed.success) throw new InputError('dataset', `dataset definition ${path}: ${firstIssue(parsed.error)}`);
  return parsed.data;
}

/** The file of the definition of a name: that of the first folder that has one. A path is no name. */
export function findDefinition(name: string, folders: readonly string[]): string | undefined {
  if (/[/\\]/.test(name)) return undefined;
  return folders.map((folder) => join(folder, `${name}.json`)).find((path) => existsSync(path));
}

/** The names of the definitions in some folders, sorted. */
export function definedNames(folders: readonly string[]): string[] {
  const files = folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  const names = files.filter((name) => /(?<!\.schema)\.json$/.test(name)).map((name) => name.slice(0, -'.json'.length));
  return [...new Set(names)].sort();
}
