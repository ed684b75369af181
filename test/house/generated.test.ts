import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { generatedFiles, withCurrentLines } from './generated.ts';

test.each(generatedFiles().map((file) => [relative(process.cwd(), file.path), file] as const))(
  '%s is current: `pnpm generate` writes it',
  (_, { path, text }) => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  },
);

test('a link to a line follows its text, and is refused where the text is gone', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'loop.ts'), 'first();\nagain();\nlast();\nagain();\n');
  expect(withCurrentLines('see [`last()`](loop.ts#L1)', folder)).toBe('see [`last()`](loop.ts#L3)');
  expect(withCurrentLines('see [`again()`](loop.ts#L4)', folder)).toBe('see [`again()`](loop.ts#L4)');
  expect(() => withCurrentLines('[`again()`](loop.ts#L1)', folder)).toThrow('loop.ts has `again()` in 2 lines');
  expect(() => withCurrentLines('[`never()`](loop.ts#L1)', folder)).toThrow('in 0 lines');
});
