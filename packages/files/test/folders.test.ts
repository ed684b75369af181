import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { removeLeftovers, temporaryPath, writeFolderAtomic } from '../src/index.ts';

test('removeLeftovers removes names of our form alone', () => {
  const folder = temporaryFolder();
  writeFileSync(temporaryPath(join(folder, 'x'.repeat(200))), '');
  for (const name of ['.tmp-1-1-summary.json', '.tmp-mine', '.tmp-1', 'tmp-1-1-x'])
    writeFileSync(join(folder, name), '');
  removeLeftovers(folder);
  expect(readdirSync(folder).sort()).toEqual(['.tmp-1', '.tmp-mine', 'tmp-1-1-x']);
});

describe('writeFolderAtomic', () => {
  const fill = (folder: string) => writeFileSync(join(folder, 'model'), 'weights');
  const refusal = async (directory: string, filling = fill) => {
    const error: unknown = await writeFolderAtomic(directory, filling).then(
      () => undefined,
      (reason) => reason,
    );
    return inputErrorOf(() => {
      throw error;
    });
  };

  test('makes a new folder, fills an empty one, and leaves nothing else', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'empty'));
    for (const name of ['new', 'empty', 'a/b']) {
      await writeFolderAtomic(join(folder, name), fill);
      expect(readFileSync(join(folder, name, 'model'), 'utf8')).toBe('weights');
    }
    expect(readdirSync(folder).sort()).toEqual(['a', 'empty', 'new']);
  });

  test('keeps a link to an empty folder', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'disk'));
    symlinkSync('disk', join(folder, 'out'));
    await writeFolderAtomic(join(folder, 'out'), fill);
    expect(readlinkSync(join(folder, 'out'))).toBe('disk');
    expect(readdirSync(join(folder, 'disk'))).toEqual(['model']);
  });

  test('deletes nothing that is put into its folder while it fills', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'out');
    const message = await refusal(out, (temporary) => {
      fill(temporary);
      mkdirSync(out);
      writeFileSync(join(out, 'mine'), 'precious');
    });
    expect(message).toBe(`${out} holds files already; choose an empty or a new folder`);
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(join(out, 'mine'), 'utf8')).toBe('precious');
  });

  test('refuses in one line what is not a new or empty folder, and leaves nothing', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('nowhere', join(folder, 'dangling'));
    symlinkSync('loop', join(folder, 'loop'));
    symlinkSync('file', join(folder, 'link'));
    const before = readdirSync(folder);
    for (const name of ['file', 'file/x', 'dangling', 'dangling/x', 'loop', 'loop/x', 'link', 'x'.repeat(300)]) {
      expect(await refusal(join(folder, name))).toMatch(/; (choose an empty or a new folder|name another folder)$/);
    }
    expect(readdirSync(folder)).toEqual(before);
  });

  test('leaves nothing when filling it fails', async () => {
    const folder = temporaryFolder();
    const failing = writeFolderAtomic(join(folder, 'out'), (temporary) => {
      fill(temporary);
      throw new Error('no model');
    });
    await expect(failing).rejects.toThrow('no model');
    expect(existsSync(join(folder, 'out'))).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });
});
