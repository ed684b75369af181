import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { allPages, type Block, blocksOf, commandLines, firstPages, type Page } from '../support/pages.ts';
import { rooms } from './floors.ts';

const root = join(import.meta.dirname, '..', '..');
const blocks = (language: string) =>
  firstPages()
    .flatMap(blocksOf)
    .filter((block) => block.language === language);
const named = ({ page, text }: Block) => [page, text.trim().split('\n')[0]!, text] as const;

test('the README has at most 150 lines', () => {
  const lines = readFileSync(join(root, 'README.md'), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(150);
});

test('links lead to files, and to headings that they have', () => {
  expect(allPages().flatMap(brokenLinks)).toEqual([]);
});

test('a link that leads nowhere is found', () => {
  const page = { path: 'docs/data.md', text: '[a](nowhere.md) [b](data.md#no-such-heading) [c](data.md#tokenizer)' };
  expect(brokenLinks(page)).toEqual(['docs/data.md: nowhere.md', 'docs/data.md: data.md#no-such-heading']);
});

function brokenLinks({ path, text }: Page): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
    ([, link, source]) => link ?? source!,
  );
  const inside = links.filter((link) => !/^[a-z]+:/.test(link));
  const broken = inside.filter((link) => {
    const [file, anchor] = link.split('#') as [string, string?];
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !headings(target).includes(anchor);
  });
  return broken.map((link) => `${path}: ${link}`);
}

/** Anchors of a page's headings, as forges make them. */
function headings(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

const ownScripts = (folder: string) =>
  Object.keys(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts ?? {});
const builtIn = ['add', 'exec', 'install', 'pack', 'publish'];

test('every pnpm command that a page names exists', () => {
  const lines = allPages().flatMap((page) => [
    ...commandLines(page),
    ...[...page.text.matchAll(/`((?:pnpm|npm run|node scripts\/bootstrap\.mjs) [^`\n]+)`/g)].map(([, line]) => line!),
  ]);
  const commands = lines
    .map((line) => line.replace(/^(npm run|node scripts\/bootstrap\.mjs)( --silent)? /, 'pnpm '))
    .filter((line) => /^pnpm [a-z-]/.test(line))
    .map((line) => line.split(/\s+/).slice(1));
  expect(commands.length).toBeGreaterThan(50);
  const missing = commands.filter(([first, second, third]) => {
    if (first !== '--filter')
      return !builtIn.includes(first!) && !ownScripts('.').includes(first!.replace(/[^\w:-]/g, ''));
    const name = second!.replace('@dynact/', '');
    const folder = ['packages', 'apps'].map((kind) => `${kind}/${name}`).find((path) => existsSync(join(root, path)));
    return folder === undefined || ![...builtIn, ...ownScripts(folder)].includes(third!);
  });
  expect(missing).toEqual([]);
});

test('the files that scripts run exist', () => {
  const folders = ['.', 'tools', 'examples', ...rooms(root)];
  const named = folders.flatMap((folder) => {
    const { scripts = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
      scripts?: Record<string, string>;
    };
    const words = Object.values(scripts).flatMap((line) => line.split(/[\s'"=]+/));
    return words.filter((word) => /^[\w./-]+\.(?:ts|mjs|cjs|json|py)$/.test(word)).map((word) => join(folder, word));
  });
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('CONTRIBUTING names every proof and measurement', () => {
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const own = new Set(ownScripts('.'));
  const unnamed = rooms(root).flatMap((room) =>
    ownScripts(room)
      .filter((script) => /^(test:|check:|measure|large$|bench:|screenshots$)/.test(script))
      .map((script) => (own.has(script) ? `pnpm ${script}` : `pnpm --filter @dynact/${basename(room)} ${script}`))
      .filter((command) => !text.includes(command)),
  );
  expect(unnamed).toEqual([]);
});

const programs = readdirSync(join(root, 'examples'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'examples', name), 'utf8'));

test.each(blocks('ts').map(named))(
  '%s: the code that begins with %s is part of an example, which a test runs',
  (...[, , text]) => {
    expect(programs.some((program) => program.includes(text))).toBe(true);
  },
);

test.each(blocks('diff').map(named))('%s: the difference still applies: %s', (...[, , text]) => {
  const { status, stderr } = spawnSync('git', ['apply', '--check', '-C1', '-'], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

test.runIf(hasPython)('code in Python parses', () => {
  const program = 'import ast, json, sys; [ast.parse(text) for text in json.load(sys.stdin)]';
  const input = JSON.stringify(blocks('python').map(({ text }) => text));
  expect(spawnSync('python3', ['-c', program], { input, encoding: 'utf8' }).stderr).toBe('');
});
