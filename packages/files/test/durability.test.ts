import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { calls } from '../../../test/support/recorded-files.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { writeFileAtomic, writeFolderAtomic } from '../src/index.ts';

vi.mock('node:fs', async (original) =>
  (await import('../../../test/support/recorded-files.ts')).recorded(await original()),
);

test('a file, and a folder, are synced, renamed, and the folder above is synced, in that order', async () => {
  const folder = temporaryFolder();
  const temporary = expect.stringMatching(`^sync ${folder}/\\.tmp-`);
  writeFileAtomic(join(folder, 'file'), 'text');
  expect(calls.splice(0)).toEqual([temporary, `rename ${join(folder, 'file')}`, `sync ${folder}`]);
  await writeFolderAtomic(join(folder, 'out'), (inside) => writeFileSync(join(inside, 'model'), 'weights'));
  expect(calls.splice(0)).toEqual([temporary, `rename ${join(folder, 'out')}`, `sync ${folder}`]);
});
