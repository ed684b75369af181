import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** A page of documentation. */
export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Text between fences. */
export interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const folders = ['packages', 'apps', 'results', '.changeset'];

/** The pages that a newcomer reads: the README and what it leads to first. */
export function firstPages(): Page[] {
  const own = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'examples/README.md',
    'apps/trainer/README.md',
  ];
  return [...own, ...markdownBelow('docs')].map(read);
}

/** Every page of the repository. */
export function allPages(): Page[] {
  const first = firstPages();
  const known = new Set(first.map(({ path }) => path));
  return [
    ...first,
    ...folders
      .flatMap(markdownBelow)
      .filter((path) => !known.has(path))
      .map(read),
  ];
}

export function blocksOf({ path, text }: Page): Block[] {
  const fences = text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...fences].map(([, language, inner]) => ({ page: path, language: language!, text: inner! }));
}

/** Lines to be typed, of fenced and of indented blocks, without remarks; a line that ends in a backslash goes on. */
export function commandLines({ text }: Page): string[] {
  const fenced = [...text.matchAll(/^```(?:sh)?\n([\s\S]*?)^```$/gm)].map(([, inner]) => inner!);
  const indented = text.match(/^ {4}\S.*$/gm) ?? [];
  return [...fenced, ...indented]
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) =>
      line
        .trim()
        .replace(/^\$ /, '')
        .replace(/\s+#.*$/, ''),
    );
}

function markdownBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return /^(node_modules|dist)$/.test(entry.name) ? [] : markdownBelow(path);
      return path.endsWith('.md') ? [path] : [];
    });
}

function read(path: string): Page {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}
