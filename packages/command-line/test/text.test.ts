import { execFileSync } from 'node:child_process';
import { afterEach, expect, test, vi } from 'vitest';
import { names, oneLine, printable, shellWord, textTable, userPath, wholeNumber, wholeNumbers } from '../src/index.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('columns of a table are aligned, the first to the left', () => {
  expect(
    textTable([
      ['a', 'bb'],
      ['ccc', 'd'],
    ]),
  ).toBe('a    bb\nccc   d');
});

test('a message of several lines is one', () => {
  expect(oneLine('a\n  b\r\nc')).toBe('a b c');
});

test('paths are meant from where the user stands', () => {
  vi.stubEnv('INIT_CWD', '/home/somebody');
  vi.stubEnv('npm_package_name', 'dynact');
  expect(userPath('runs/a')).toBe('/home/somebody/runs/a');
  expect(userPath('/runs/a')).toBe('/runs/a');
  // A script of the user's own project, which runs in that project's root.
  vi.stubEnv('npm_package_name', 'mine');
  expect(userPath('runs/a')).toBe(`${process.cwd()}/runs/a`);
});

test('arguments that are not what they should be are refused', () => {
  expect([wholeNumber('12'), wholeNumbers('0,3'), names('a, b')]).toEqual([12, [0, 3], ['a', 'b']]);
  for (const text of ['', ' ', '-1', '1.5', 'x', '9007199254740993']) expect(() => wholeNumber(text)).toThrow(/whole/);
  expect(() => names('a,,b')).toThrow(/empty name/);
});

test.each([
  ['\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u009b2J', '\\u009b2J'],
  ['over\rwritten', 'over\\u000dwritten'],
  ['\u202etxt.exe', '\\u202etxt.exe'],
  ['a\u007f\u0000', 'a\\u007f\\u0000'],
  ['two\n\tlines, é, 日本, 😀', 'two\n\tlines, é, 日本, 😀'],
])('text of strangers moves no cursor and colors nothing: %j', (text, printed) => {
  expect(printable(text)).toBe(printed);
  expect(textTable([[text]])).toBe(printed);
});

test
  .runIf(process.platform !== 'win32')
  .each(['runs/first', 'their own папка/письма.txt', "it's", '$HOME "quoted" `date` \\ !', ''])(
  'a shell takes %j for one word',
  (word) => {
    const printed = execFileSync('sh', ['-c', `printf '%s' ${shellWord(word)}`], { encoding: 'utf8' });
    expect(printed).toBe(word);
    expect(shellWord('папка/письма.txt')).toBe('папка/письма.txt');
  },
);
