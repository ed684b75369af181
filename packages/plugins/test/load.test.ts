import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createActivation } from '@dynact/activations/registry';
import { feedForwardKind } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { loadPlugins, pluginsOf } from '../src/index.ts';

let folder = '';

beforeEach(() => {
  folder = temporaryFolder();
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

function gate(name: string, factor = ''): string {
  return `
    import { defineActivation } from '@dynact/activations';
    import * as tf from '@tensorflow/tfjs-core';
    interface Shape { readonly c: tf.Tensor }
    const value = (x: tf.Tensor, { c }: Shape): tf.Tensor => tf.mul(x, tf.tanh(tf.mul(c, x${factor})));
    defineActivation({ name: '${name}', parameters: { c: { initial: 1 } }, value });
  `;
}

test('TypeScript outside of any node_modules computes with the tensors of this program, and is recorded by its sha256', () => {
  const path = file('my gate Ж.ts', gate('first-gate'));
  const [plugin] = loadPlugins([path]);
  expect(plugin!.record).toMatchObject({ file: path, sha256: digest(path), names: ['first-gate'] });
  const y = createActivation('first-gate').apply(tf.tensor1d([-1, 0.5, 2]), { c: tf.scalar(2) });
  const expected = [-1, 0.5, 2].map((x) => x * Math.tanh(2 * x));
  for (const [index, value] of y.dataSync().entries()) expect(value).toBeCloseTo(expected[index]!, 6);
  expect(loadPlugins([path])).toEqual([plugin]);
});

test.each(['js', 'mjs', 'cjs'])(
  'a .%s file and what it imports; a change in either changes the sha256',
  (extension) => {
    mkdirSync(join(folder, extension));
    file(`${extension}/half.ts`, 'export const half: number = 0.5;');
    const isCommon = extension === 'cjs';
    const plugin = file(
      `${extension}/block.${extension}`,
      isCommon
        ? `const { defineFeedForward } = require('@dynact/transformer'); const { half } = require('./half.ts');
         defineFeedForward({ name: '${extension}-block', block: () => (x) => require('@tensorflow/tfjs').mul(x, half) });`
        : `import { defineFeedForward } from '@dynact/transformer'; import { join } from 'node:path'; import { half } from './half.ts';
         import * as tf from '@tensorflow/tfjs';
         export default defineFeedForward({ name: '${extension}-block', block: () => (x) => tf.mul(x, half) });`,
    );
    const [{ record } = { record: undefined }] = loadPlugins([plugin]);
    expect(feedForwardKind(`${extension}-block`)).toEqual({ own: `${extension}-block` });
    file(`${extension}/half.ts`, 'export const half: number = 0.25;');
    const recorded = [{ where: 'runs/a', plugins: [record!] }];
    expect(inputErrorOf(() => loadPlugins([plugin], recorded))).toMatch(/is not the plugin that runs\/a was made with/);
  },
);

test('a changed comment, type or space leaves a plugin what it was; changed code does not', () => {
  const path = file('noted.ts', gate('noted'));
  const [{ record } = { record: undefined }] = loadPlugins([path]);
  const recorded = [{ where: 'runs/a', plugins: [record!] }];
  file(
    'noted.ts',
    gate('noted').replace('interface Shape', '/** Of one feature. */ interface  Form').replace('}: Shape', '}: Form'),
  );
  expect(digest(path)).not.toBe(record!.sha256);
  expect(loadPlugins([path], recorded).map((plugin) => plugin.record)).toEqual([{ ...record, sha256: digest(path) }]);
  const { codeSha256: _, ...older } = record!;
  const before = [{ where: 'runs/a', plugins: [older] }];
  file('noted.ts', gate('noted', '.neg()'));
  for (const known of [recorded, before]) {
    expect(inputErrorOf(() => loadPlugins([path], known))).toMatch(/is not the plugin that runs\/a was made with/);
  }
});

test('what a model is made with: the plugins of its names, and of a block all of them', () => {
  const one = loadPlugins([file('one.ts', gate('one-gate')), file('two.ts', gate('two-gate'))]).map((p) => p.record);
  expect(pluginsOf({ kind: 'swiglu' })).toEqual([]);
  expect(pluginsOf({ kind: 'mlp.two-gate' })).toEqual([one[1]]);
  expect(pluginsOf({ kind: 'swiglu', perLayer: [{ activation: { name: 'one-gate' } }] })).toEqual([one[0]]);
  expect(pluginsOf({ kind: 'js-block' })).toEqual(expect.arrayContaining(one));
});

test('a plugin that a run names is neither run nor needed where it is not named; the line says what to add', () => {
  const ran = join(folder, 'ran');
  const path = file('hostile.ts', `require('node:fs').writeFileSync(${JSON.stringify(ran)}, ''); ${gate('hostile')}`);
  const recorded = { where: 'runs/theirs', plugins: [{ file: path, sha256: digest(path), names: ['hostile'] }] };
  expect(inputErrorOf(() => loadPlugins([], [recorded]))).toBe(
    `runs/theirs is made with hostile of a plugin, whose code runs only where you name it; add --plugin ${path}`,
  );
  const changed = { ...recorded, plugins: [{ ...recorded.plugins[0]!, sha256: 'a'.repeat(64) }] };
  expect(inputErrorOf(() => loadPlugins([path], [changed]))).toContain(
    `(its sha256 is ${digest(path).slice(0, 12)}..., then aaaaaaaaaaaa...)`,
  );
  const gone = { ...recorded, plugins: [{ ...recorded.plugins[0]!, file: join(folder, 'gone.ts') }] };
  expect(inputErrorOf(() => loadPlugins([], [gone]))).toMatch(/gone\.ts is no longer there: name a copy of it/);
  expect(existsSync(ran)).toBe(false);
  expect(loadPlugins([path], [recorded])).toHaveLength(1);
  expect(existsSync(ran)).toBe(true);
  // Named once, it is there for every later call of the process.
  expect(loadPlugins([], [recorded, gone])).toEqual([]);
});

test.each([
  ['absent.ts', undefined, /there is no such file; name one in TypeScript or JavaScript$/],
  ['syntax.ts', 'const = 3', /line 1 of syntax\.ts: Expected identifier/],
  ['throws.ts', 'throw new Error("no\\nmore")', /throws\.ts: no$/],
  ['empty.ts', 'export const a = 1;', /it defines nothing; call defineActivation/],
  ['alien.ts', `import '@dynact/training';`, /it imports @dynact\/training; a plugin gets @dynact\/activations, /],
  ['lost.ts', `import 'not-installed';`, /line 1 of lost\.ts: Could not resolve "not-installed"/],
  ['taken.ts', gate('swiglu'), /taken\.ts: "swiglu": the name is taken; choose another one$/],
  ['nameless.ts', gate('my gate'), /nameless\.ts: defineActivation: "my gate" names nothing; use a letter/],
])('%s is refused in one line', (name, text, message) => {
  const path = text === undefined ? join(folder, name) : file(name, text);
  const refused = inputErrorOf(() => loadPlugins([path]));
  expect(refused).toMatch(message);
  expect(refused.startsWith(`plugin ${path}: `)).toBe(true);
});
