import { expect, test } from 'vitest';
import { calledAs } from '../src/index.ts';

test.each([
  ["the clone's script by its path", { DYNACT_CALLED_AS: '../work/dynact' }, '../work/dynact'],
  ['a path with a space', { DYNACT_CALLED_AS: '/my work/dynact' }, '"/my work/dynact"'],
  ['a script of the clone, such as npm start', { npm_package_name: 'dynact' }, './dynact'],
  ['npx', { npm_lifecycle_event: 'npx', npm_package_name: 'mine' }, 'npx dynact'],
  ['the command that npm installed', {}, 'dynact'],
])('%s', (_, environment, name) => {
  expect(calledAs(environment)).toBe(name);
});
