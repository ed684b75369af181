import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { calls } from '../../../test/support/recorded-files.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { prepareSmall } from './support/prepare.ts';

vi.mock('node:fs', async (original) =>
  (await import('../../../test/support/recorded-files.ts')).recorded(await original()),
);

test('a prepared corpus is synced before it has its name, and the folder above it after', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'text.txt'), 'one two three '.repeat(100));
  const { directory } = await prepareSmall(join(folder, 'text.txt'), join(folder, 'datasets'));
  const named = calls.lastIndexOf(`rename ${directory}`);
  expect(calls.slice(0, named)).toContainEqual(expect.stringMatching(/^sync .*\/\.r50k_base-512\.partial$/));
  expect(calls.slice(named)).toContain(`sync ${dirname(directory)}`);
});
