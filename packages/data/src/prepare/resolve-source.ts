import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '@dynact/files';
import { z } from 'zod';
import { type DatasetDefinition, datasetDefinitionSchema, type SplitRule } from '../definition.ts';
import { type DatasetFolders, definedNames, findDefinition, readDefinition } from '../read-definition.ts';
import { documentName, type SourceFile, sourceFile } from '../sources/documents.ts';
import type { FetchContext } from '../sources/fetch-files.ts';
import { filesBelow, findSourceFiles } from '../sources/find-files.ts';
import { formatByEnding } from '../sources/readers.ts';

/** A corpus that a person named, found: how to read it and its files. */
export interface ResolvedSource {
  definition: DatasetDefinition;
  files: SourceFile[];
  /** The file or folder, if there is no definition. */
  origin?: string;
}

/**
 * @param source the name of a definition, the path of a definition, a text file or a folder, or the name under which
 *   such a file or folder was prepared before
 * @throws InputError when there is no such thing, or the definition is not valid
 */
export async function resolveSource(
  source: string,
  { definitions, datasets }: DatasetFolders,
  fetching: Omit<FetchContext, 'directory'>,
): Promise<ResolvedSource> {
  const path =
    findDefinition(source, definitions) ?? (existsSync(source) ? resolve(source) : readOrigin(source, datasets));
  if (path === undefined || !existsSync(path)) throw unknownDataset(source, definitions);
  if (path.endsWith('.json')) {
    const definition = readDefinition(path);
    const directory = join(datasets, definition.name, 'source');
    return { definition, files: await findSourceFiles(definition, dirname(path), { ...fetching, directory }) };
  }
  return statSync(path).isDirectory() ? fromFolder(path) : withoutDefinition(path, [sourceFile(basename(path), path)]);
}

const originFile = 'origin.json';
const originSchema = z.strictObject({ path: z.string().min(1) });

/** Remembers where a dataset without a definition came from, so that its name is enough from then on. */
export function writeOrigin({ definition, origin }: ResolvedSource, datasets: string): void {
  if (origin === undefined) return;
  writeFileSync(join(datasets, definition.name, originFile), `${JSON.stringify({ path: origin })}\n`);
}

function readOrigin(name: string, datasets: string): string | undefined {
  const path = join(datasets, name, originFile);
  if (!existsSync(path)) return undefined;
  try {
    return originSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).path;
  } catch {
    throw new InputError('dataset', `${path} cannot be read: prepare the dataset from its file or folder again`);
  }
}

/** A folder's files whose ending is known, whatever folder below it they lie in. */
function fromFolder(path: string): ResolvedSource {
  const files = filesBelow(path).filter(({ name }) => formatByEnding(name) !== undefined);
  if (files.length > 0) return withoutDefinition(path, files);
  throw new InputError('dataset', `folder ${path} holds no .txt, .md, .jsonl or .parquet files: give a folder of text`);
}

/**
 * A file or folder without a definition. Files named after the three splits make them; otherwise the last twentieths of
 * the text validate and test.
 */
function withoutDefinition(path: string, files: SourceFile[]): ResolvedSource {
  const name = basename(path)
    .replace(/(?<=.)\..*$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  const definition = datasetDefinitionSchema.parse({
    name: name || 'text',
    description: `${basename(path)}, prepared without a definition`,
    license: 'not stated',
    source: { kind: 'files', files: files.map((file) => file.name) },
    splits: splitsByFileName(files) ?? { by: 'position', validation: 0.05, test: 0.05 },
  } satisfies z.input<typeof datasetDefinitionSchema>);
  return { definition, files, origin: path };
}

function splitsByFileName(files: readonly SourceFile[]): Extract<SplitRule, { by: 'file' }> | undefined {
  const named = (pattern: RegExp) => files.map(({ name }) => name).filter((name) => pattern.test(documentName(name)));
  const train = named(/^train\b/i);
  const validation = named(/^(?:validation|valid|val|dev)\b/i);
  const test = named(/^test\b/i);
  const isWhole = train.length + validation.length + test.length === files.length;
  return isWhole && train.length > 0 && validation.length > 0 && test.length > 0
    ? { by: 'file', train, validation, test }
    : undefined;
}

function unknownDataset(source: string, definitions: readonly string[]): InputError {
  const names = definedNames(definitions);
  const nearest = names
    .map((name) => ({ name, distance: editDistance(name, source) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const hint = nearest !== undefined && nearest.distance <= 3 ? ` Did you mean "${nearest.name}"?` : '';
  return new InputError(
    'dataset',
    `unknown dataset "${source}": it is neither a file or folder nor a definition of ${definitions.join(', ')}.${hint} ` +
      `Known: ${names.join(', ') || 'none'}`,
  );
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
