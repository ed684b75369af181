import { expect, test } from 'vitest';
import { checkPlugins } from '../src/index.ts';

const gate = { file: '/gates/mine.ts', sha256: 'a', codeSha256: 'b', names: ['mine'] };
const run = { directory: 'runs/a', config: { config: {}, versions: {}, plugins: [gate] } } as never;

test.each([
  ['as it was', { ...gate }],
  ['elsewhere', { ...gate, file: '/elsewhere/mine.ts' }],
  ['with another comment', { ...gate, sha256: 'c' }],
  ['under a version that reads code otherwise', { ...gate, codeSha256: 'd' }],
])('a plugin %s is the one that the run was made with', (_, plugin) => {
  expect(() => checkPlugins(run, [plugin])).not.toThrow();
});

test.each([
  ['none', []],
  ['other code', [{ ...gate, sha256: 'c', codeSha256: 'd' }]],
  ['a plugin without a digest of its code', [{ file: gate.file, sha256: 'c', names: gate.names }]],
])('%s is refused in a line', (_, plugins) => {
  expect(() => checkPlugins(run, plugins)).toThrow(
    /^runs\/a: this run is made with mine of \/gates\/mine\.ts, which is not given or has changed; name it as it was$/,
  );
});
