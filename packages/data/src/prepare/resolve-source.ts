import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { z } from 'zod';
import { type DatasetDefinition, datasetDefinitionSchema } from '../definition.ts';
import { InputError, systemErrorCode } from '../errors.ts';
import type { SourceFile } from '../sources/documents.ts';
import { filesBelow, findSourceFiles, sourceFile } from '../sources/find-files.ts';

/** A corpus that a person named, found: how to read it and its files. */
export interface ResolvedSource {
  definition: DatasetDefinition;
  files: SourceFile[];
}

/**
 * @param source the name of a manifest in `datasetsDirectory`, or the path of a manifest, a text file or a folder
 * @throws InputError when there is no such thing, or the manifest is not valid
 */
export function resolveSource(source: string, datasetsDirectory: string): ResolvedSource {
  const named = join(datasetsDirectory, `${source}.json`);
  if (!isAbsolute(source) && existsSync(named)) return fromDefinition(named);
  const path = resolve(source);
  if (!existsSync(path)) throw unknownDataset(source, datasetsDirectory);
  if (statSync(path).isDirectory()) return adHoc(path, filesBelow(path));
  return path.endsWith('.json') ? fromDefinition(path) : adHoc(path, [sourceFile(basename(path), path)]);
}

/** @throws InputError when the file is not a valid manifest */
export function readDefinition(path: string): DatasetDefinition {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = systemErrorCode(error) ?? (error instanceof Error ? error.message : String(error));
    throw new InputError(`dataset manifest ${path} cannot be read: ${reason}`);
  }
  const parsed = datasetDefinitionSchema.safeParse(json);
  if (!parsed.success) throw new InputError(`dataset manifest ${path}: ${firstIssue(parsed.error)}`);
  return parsed.data;
}

/** The names of the manifests in a folder. */
export function definedNames(datasetsDirectory: string): string[] {
  if (!existsSync(datasetsDirectory)) return [];
  return readdirSync(datasetsDirectory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return error.message;
  const where = issue.path.map(String).join('.');
  return where === '' ? issue.message : `${where}: ${issue.message}`;
}

function fromDefinition(path: string): ResolvedSource {
  const definition = readDefinition(path);
  return { definition, files: findSourceFiles(definition, dirname(path)) };
}

/** A file or folder without a manifest: the last twentieths of its text validate and test. */
function adHoc(path: string, files: SourceFile[]): ResolvedSource {
  if (files.length === 0) throw new InputError(`folder ${path} holds no files: give a text file or a folder of text`);
  const name =
    basename(path)
      .replace(/\.[^.]*$/, '')
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '') || 'text';
  return {
    definition: datasetDefinitionSchema.parse({
      name,
      description: `Text of ${basename(path)}`,
      licence: 'unknown (your own file)',
      source: { kind: 'files', files: files.map((file) => file.name) },
      splits: { by: 'position', validation: 0.05, test: 0.05 },
    }),
    files,
  };
}

function unknownDataset(source: string, datasetsDirectory: string): InputError {
  const names = definedNames(datasetsDirectory);
  const nearest = names
    .map((name) => ({ name, distance: editDistance(name, source) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const hint = nearest !== undefined && nearest.distance <= 3 ? ` Did you mean "${nearest.name}"?` : '';
  return new InputError(
    `unknown dataset "${source}": it is neither a file or folder nor a manifest of ${datasetsDirectory}.${hint} ` +
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
