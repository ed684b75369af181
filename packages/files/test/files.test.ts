import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { startChild } from '../../../test/support/child-process.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { readJson, writeFileAtomic, writeJsonAtomic } from '../src/index.ts';

describe('writeFileAtomic', () => {
  test('makes missing folders, replaces, and leaves nothing else', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a', 'b', 'file.txt');
    writeFileAtomic(path, 'längst');
    expect(readFileSync(path, 'utf8')).toBe('längst');
    writeFileAtomic(path, Uint8Array.of(0, 255));
    expect([...readFileSync(path)]).toEqual([0, 255]);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['file.txt']);
  });

  test('leaves the old content and no temporary file when it fails', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken', 'inside'), { recursive: true });
    expect(() => writeFileAtomic(join(folder, 'taken'), 'x')).toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  test('shows a reader, during writing and after a kill, one whole content', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'file.txt');
    const child = startChild(new URL('./support/children/write-atomic.ts', import.meta.url), path);
    await child.printed('writing');
    const seen = new Set<string>();
    for (let look = 0; look < 100; look += 1) {
      const text = readFileSync(path, 'utf8');
      seen.add(text[0]!);
      expect(text).toBe(text[0]!.repeat(500_000));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(seen.size).toBeGreaterThan(1);
    child.process.kill('SIGKILL');
    await child.ended();
    const text = readFileSync(path, 'utf8');
    expect(text).toBe(text[0]!.repeat(500_000));
  });
});

describe('readJson', () => {
  const schema = z.strictObject({ list: z.array(z.strictObject({ n: z.number() })) });

  test('reads what writeJsonAtomic wrote, as JSON for people', () => {
    const path = join(temporaryFolder(), 'file.json');
    writeJsonAtomic(path, { list: [{ n: 1 }] });
    expect(readFileSync(path, 'utf8')).toBe('{\n  "list": [\n    {\n      "n": 1\n    }\n  ]\n}\n');
    expect(readJson(path, schema, 'advice')).toEqual({ list: [{ n: 1 }] });
  });

  test('says in one line which file, where in it, and what to do', () => {
    const path = join(temporaryFolder(), 'file.json');
    const message = (content: string) => {
      writeFileSync(path, content);
      return inputErrorOf(() => readJson(path, schema, 'make it anew'));
    };
    expect(inputErrorOf(() => readJson(path, schema, 'make it'))).toBe(`${path} does not exist; make it`);
    expect(message('{"list":[{"n":1},{"n":"2"}]}')).toBe(
      `${path}: list[1].n: expected number, received string; make it anew`,
    );
    expect(message('[]')).toBe(`${path}: expected object, received array; make it anew`);
    expect(message('{"list":[],"a\\nb":1}')).toMatch(/Unrecognized key: "a b"; make it anew$/);
    expect(message('{\n  "list": [\n  }\n')).toMatch(/is not valid JSON \(.+\); make it anew$/);
    expect(message('')).toMatch(/is not valid JSON \(.+\); make it anew$/);
  });

  test('reads past a byte order mark', () => {
    const path = join(temporaryFolder(), 'file.json');
    writeFileSync(path, '\uFEFF{"list":[]}');
    expect(readJson(path, schema, 'advice')).toEqual({ list: [] });
  });

  test('refuses in one line what is no readable file, and what is nested too deeply', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'deep.json');
    writeFileSync(path, `${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(inputErrorOf(() => readJson(path, z.json(), 'make it anew'))).toBe(
      `${path} is nested too deeply; make it anew`,
    );
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    for (const [name, code] of [
      ['', 'EISDIR'],
      ['deep.json/x', 'ENOTDIR'],
      ['loop', 'ELOOP'],
      ['x'.repeat(300), 'ENAMETOOLONG'],
    ] as const)
      expect(inputErrorOf(() => readJson(join(folder, name), schema, 'name another'))).toContain(
        ` cannot be read (${code}); name another`,
      );
  });
});
