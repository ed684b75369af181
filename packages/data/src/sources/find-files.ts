import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { DatasetDefinition } from '../definition.ts';
import { InputError } from '../errors.ts';
import type { SourceFile } from './documents.ts';

/**
 * The files of a source, in the manifest's order, a glob's matches by name.
 * @param baseDirectory where relative paths start
 * @throws InputError when a package, a file or a glob's match is missing
 */
export function findSourceFiles(definition: DatasetDefinition, baseDirectory: string): SourceFile[] {
  const { source } = definition;
  const root = source.kind === 'npm' ? packageDirectory(source.package, baseDirectory) : baseDirectory;
  return source.files.map((name) => {
    const path = resolve(root, name);
    if (!existsSync(path)) {
      throw new InputError(`${definition.name}: file ${path} does not exist: check "files" in its manifest`);
    }
    return sourceFile(name, path);
  });
}

export function sourceFile(name: string, path: string): SourceFile {
  return { name: name.split(sep).join('/'), path, bytes: statSync(path).size };
}

/** Every file below a folder, by name. */
export function filesBelow(directory: string): SourceFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => sourceFile(relative(directory, path), path))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Looked for from the manifest's folder, the working directory, and this package, which brings the default books. */
function packageDirectory(name: string, baseDirectory: string): string {
  for (const from of [join(baseDirectory, 'x.js'), join(process.cwd(), 'x.js'), import.meta.url]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      // Not installed there: look in the next place.
    }
  }
  throw new InputError(
    `npm package ${name} is not installed: install it with "pnpm add -w ${name}" or "npm install ${name}"`,
  );
}
