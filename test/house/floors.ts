import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/**
 * The floor of every room, from the ground up. A room imports rooms of lower floors only; `files` lies below all others,
 * since its InputError is everybody's.
 */
export const floors: Readonly<Record<string, number>> = {
  'packages/files': 0,
  'packages/activations': 1,
  'packages/tfjs-backend-onnxruntime': 1,
  'packages/nn': 1,
  'packages/command-line': 1,
  'packages/transformer': 2,
  'packages/data': 2,
  'packages/images': 2,
  'packages/runs': 2,
  'packages/backends': 2,
  'packages/collectives': 2,
  'packages/training': 3,
  'packages/plugins': 3,
  'packages/comparison': 4,
  'packages/dashboard': 4,
  'packages/api': 5,
  'apps/trainer': 6,
  'apps/studies': 6,
  'apps/playground': 6,
  'apps/bench': 6,
};

/** Rooms that stand alone: a stranger installs them without the rest of the house. */
const alone = ['packages/activations', 'packages/tfjs-backend-onnxruntime'];

/** Every module that a text names: static imports and exports (types included), dynamic imports, `new URL` of a worker. */
const specifier = /(?:\bfrom\s+|\bimport\s*\(?\s*|new URL\()(['"])([^'"]+)\1/g;

/** The folders of packages/ and apps/, as `packages/nn`. */
export function rooms(root: string): string[] {
  return ['packages', 'apps']
    .filter((kind) => existsSync(join(root, kind)))
    .flatMap((kind) => readdirSync(join(root, kind)).map((name) => `${kind}/${name}`));
}

/** Imports that no room may have, as lines `file -> import: reason`. @param root the folder of packages/ and apps/ */
export function forbiddenImports(root: string): string[] {
  return rooms(root).flatMap((room) =>
    sources(join(root, room, 'src')).flatMap((file) => forbiddenIn(root, room, relative(root, file))),
  );
}

/** Lines of a source file at most: a longer one has more than one purpose. */
const mostLines = 250;

/** Source files that are too long, as lines `file: 261 lines`. @param root the folder of packages/ and apps/ */
export function longFiles(root: string): string[] {
  return rooms(root).flatMap((room) =>
    sources(join(root, room, 'src')).flatMap((file) => {
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length;
      return lines > mostLines ? [`${relative(root, file)}: ${lines} lines`] : [];
    }),
  );
}

function sources(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries.filter((entry) => /\.tsx?$/.test(entry)).map((entry) => join(folder, entry));
}

function forbiddenIn(root: string, room: string, file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const complaint = (imported: string, reason: string) => `${file} -> ${imported}: ${reason}`;
  return [...text.matchAll(specifier)].flatMap(([, , imported = '']) => {
    if (imported.startsWith('.')) {
      const target = relative(join(root, room), resolve(root, dirname(file), imported));
      return target.startsWith('..') ? [complaint(imported, `lies outside ${room}`)] : [];
    }
    const other = /^@dynact\/([^/]+)/.exec(imported)?.[1];
    if (other === undefined) return [];
    const target = floors[`packages/${other}`] === undefined ? `apps/${other}` : `packages/${other}`;
    if (target.startsWith('apps/')) return [complaint(imported, 'no room imports an app')];
    if (alone.includes(room)) return [complaint(imported, `${room} stands alone`)];
    const [from, to] = [floors[room], floors[target]];
    if (from === undefined || to === undefined) return [complaint(imported, `${room} has no floor`)];
    return to < from ? [] : [complaint(imported, `floor ${from} imports floor ${to}`)];
  });
}
