import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '@dynact/files';
import leven from 'leven';
import { type DatasetDefinition, datasetDefinitionSchema } from '../definition.ts';
import { type DatasetFolders, definedNames, findDefinition, readDefinition } from '../read-definition.ts';
import { type SourceFile, sourceFile } from '../sources/documents.ts';

import { filesBelow, findSourceFiles } from '../sources/find-files.ts';
import { formatByEnding } from '../sources/readers.ts';
import type { FetchContext } from '../sources/store-file.ts';
import { inferSplits } from './infer-splits.ts';
import { findFolder, folderOfPath, readOrigin } from './origin.ts';

/** A corpus that a person named. */
export interface Source {
  /** Its folder in the datasets folder. */
  readonly folder: string;
  /** The definition, file or folder that it is read from. */
  readonly path: string;
  /** Whether the path alone says so: such a folder remembers it. */
  readonly isPath: boolean;
}

export interface ResolvedSource {
  readonly definition: DatasetDefinition;
  readonly files: readonly SourceFile[];
}

/**
 * @param source the name of a definition, the path of a definition, a text file or a folder, or the name of a folder
 *   that such a path was prepared in before
 * @throws InputError when there is no such thing, or several
 */
export function locateSource(source: string, { definitions, datasets }: DatasetFolders): Source {
  const defined = findDefinition(source, definitions);
  if (defined !== undefined) return { folder: source, path: resolve(defined), isPath: false };
  const path = resolve(source);
  if (existsSync(path)) {
    const isDefined = path.endsWith('.json') && definitions.some((folder) => resolve(folder) === dirname(path));
    return { folder: isDefined ? basename(path, '.json') : folderOfPath(path), path, isPath: !isDefined };
  }
  // A path whose file is gone still names the folder that was made of it.
  for (const folder of [findFolder(datasets, source), folderOfPath(path)]) {
    const origin = folder === undefined ? undefined : readOrigin(datasets, folder);
    if (folder !== undefined && origin !== undefined) return { folder, path: origin, isPath: true };
  }
  throw unknownDataset(source, definitions);
}

/** @throws InputError when files are missing, the definition is not valid, or splits are not clear */
export async function resolveSource(
  { folder, path, isPath }: Source,
  datasets: string,
  fetching: Omit<FetchContext, 'directory'>,
): Promise<ResolvedSource> {
  if (path.endsWith('.json')) {
    const definition = readDefinition(path);
    if (!isPath && definition.name !== folder) {
      throw new InputError('dataset', `dataset definition ${path} has the name "${definition.name}": name both alike`);
    }
    const directory = join(datasets, folder, 'source');
    return { definition, files: await findSourceFiles(definition, dirname(path), { ...fetching, directory }) };
  }
  if (!existsSync(path)) throw new InputError('dataset', `${path} does not exist: check the path`);
  if (!statSync(path).isDirectory()) return undefinedSource(folder, path, [sourceFile(basename(path), path)]);
  const files = filesBelow(path)
    .filter(({ name }) => formatByEnding(name) !== undefined)
    .map(({ name, path: place }) => sourceFile(name, place));
  if (files.length > 0) return undefinedSource(folder, path, files);
  throw new InputError('dataset', `folder ${path} holds no .txt, .md, .jsonl or .parquet files: give a folder of text`);
}

/** A file or folder without a definition. */
function undefinedSource(name: string, path: string, found: readonly SourceFile[]): ResolvedSource {
  const { splits, names } = inferSplits(
    found.map((file) => file.name),
    path,
  );
  const kept = new Set(names);
  const files = found.filter((file) => kept.has(file.name));
  const definition = datasetDefinitionSchema.parse({
    name,
    description: `prepared from ${path}`,
    license: 'not stated',
    source: { kind: 'files', files: names },
    splits,
  });
  return { definition, files };
}

function unknownDataset(source: string, definitions: readonly string[]): InputError {
  const names = definedNames(definitions);
  const nearest = names
    .map((name) => ({ name, distance: leven(name, source) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const hint = nearest !== undefined && nearest.distance <= 3 ? ` Did you mean "${nearest.name}"?` : '';
  return new InputError(
    'dataset',
    `${source} does not exist, and no corpus of ${[...new Set(definitions)].join(', ')} has that name.${hint} ` +
      `Known: ${names.join(', ') || 'none'}`,
  );
}
