import { readdirSync, readFileSync } from 'node:fs';

const source = new URL('../../src/', import.meta.url);

/** Text of src/activations.ts, from the files that define an activation. Bases of fixed ones are the package's own. */
export function activationList(): string {
  const fixed = definitionsIn('fixed/').map(
    ([path, text]) => `export { ${publicNames(text).join(', ')} } from './${path}';`,
  );
  const trainable = definitionsIn('trainable/').map(([path]) => `export * from './${path}';`);
  const lines = [
    '/** Every activation: what the package exports, and what its registry finds. scripts/document.ts writes this. */',
    '',
    ...fixed,
    ...trainable,
  ];
  return `${lines.join('\n')}\n`;
}

/** Files beside the fixed activations that define none: parts of them. */
const shared = ['base', 'bases'];

function definitionsIn(folder: string): [path: string, text: string][] {
  const names = readdirSync(new URL(folder, source)).flatMap((file) => /^(\w[\w-]*)\.ts$/.exec(file)?.[1] ?? []);
  return names
    .filter((name) => !shared.includes(name))
    .sort()
    .map((name) => {
      const path = `${folder}${name}.ts`;
      const text = readFileSync(new URL(path, source), 'utf8');
      if (!/^export const create\w+/m.test(text)) throw new Error(`src/${path} exports no creator of an activation`);
      return [path, text];
    });
}

function publicNames(text: string): string[] {
  const exported = [...text.matchAll(/^export (?:const|function|(type)) (\w+)/gm)]
    .map(([, type, name]) => ({ type, name: name! }))
    .filter(({ name }) => !name.endsWith('Base'));
  return exported.sort((a, b) => compareNames(a.name, b.name)).map(({ type, name }) => (type ? `type ${name}` : name));
}

/** The formatter's order: letters whatever their case, capitals first among equals. */
function compareNames(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => name.replaceAll(/./g, (letter) => letter.toLowerCase() + letter));
  return first! < second! ? -1 : 1;
}
