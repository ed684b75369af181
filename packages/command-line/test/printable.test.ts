import { expect, test } from 'vitest';
import { printable, textTable } from '../src/index.ts';

test.each([
  ['\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u009b2J', '\\u009b2J'],
  ['over\rwritten', 'over\\u000dwritten'],
  ['\u202etxt.exe', '\\u202etxt.exe'],
  ['a\u007f\u0000', 'a\\u007f\\u0000'],
  ['two\n\tlines, é, 日本, 😀', 'two\n\tlines, é, 日本, 😀'],
])('%j is printed as %j', (text, printed) => {
  expect(printable(text)).toBe(printed);
  expect(textTable([[text]])).toBe(printed);
});
