import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendConfigSchema, type SelectedBackend, selectBackend } from '@dynact/backends';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { checkPlugin, loadPlugins } from '../src/index.ts';

let folder = '';

beforeEach(() => {
  folder = temporaryFolder();
});
let backend: SelectedBackend;

beforeAll(async () => {
  backend = await selectBackend(backendConfigSchema.parse({ threads: 1 }), 'train');
});

let plugins = 0;

/** The faults of a plugin by what was tried. @param body NAME stands for a name that nobody has yet */
function faultsOf(body: string): Record<string, string | undefined> {
  const name = `check-${++plugins}`;
  const path = join(folder, `${name}.js`);
  const imports = `import { defineActivation } from '@dynact/activations'; import * as tf from '@tensorflow/tfjs-core';
    import { defineFeedForward } from '@dynact/transformer';`;
  writeFileSync(path, `${imports}\n${body.replace('NAME', `'${name}'`)}`);
  const [plugin] = loadPlugins([path]);
  return Object.fromEntries(checkPlugin(plugin!, backend.compile).map(({ check, fault }) => [check, fault]));
}

const right = { value: undefined, gradient: undefined, 'second use': undefined, ONNX: undefined, speed: undefined };
const xTanh = 'value: (x, { c }) => tf.mul(x, tf.tanh(tf.mul(c, x)))';
const parameters = 'parameters: { c: { initial: 1 } }';

test('x tanh(c x) is right with the gradient of TensorFlow.js and with one of its own, and nothing is left behind', () => {
  const before = tf.memory().numTensors;
  const own = `gradient: (x, { c }) => {
    const t = tf.tanh(tf.mul(c, x)); const s = tf.sub(1, tf.square(t));
    return { x: tf.add(t, tf.mul(tf.mul(c, x), s)), c: tf.mul(tf.square(x), s) };
  }`;
  expect(faultsOf(`defineActivation({ name: NAME, ${parameters}, ${xTanh} })`)).toEqual({
    ...right,
    'as a gate': undefined,
  });
  expect(faultsOf(`defineActivation({ name: NAME, ${parameters}, ${xTanh}, ${own} })`)).toEqual({
    ...right,
    'as a gate': undefined,
  });
  expect(tf.memory().numTensors).toBe(before);
});

test('a kink is right, and so is a block', () => {
  expect(faultsOf(`defineActivation({ name: NAME, value: (x) => tf.relu(tf.sub(x, 0.5)) })`)).toEqual({
    ...right,
    'as a gate': undefined,
  });
  const block = `({ hiddenWidth, linear, output }) => {
    const [up, down] = [linear('up', hiddenWidth), output('down', hiddenWidth)];
    return (x) => down(tf.square(tf.relu(up(x))));
  }`;
  expect(faultsOf(`defineFeedForward({ name: NAME, block: ${block} })`)).toEqual(right);
});

test.each([
  ['a value that throws', `value: () => { throw new Error('no') }`, 'value', /^value throws: no$/],
  ['another shape', 'value: (x) => tf.sum(x)', 'value', /^value is float32 \[\]; it must be float32 \[4,6\]/],
  ['a value that is none', 'value: (x) => tf.sqrt(x)', 'value', /^value is NaN for numbers from -3 to 3$/],
  [
    'a value that overflows',
    'value: (x) => tf.mul(x, tf.exp(tf.square(x)))',
    'value',
    /^value is -Infinity at x = -50$/,
  ],
  [
    'a gradient that differs',
    `value: (x) => tf.square(x), gradient: (x) => ({ x })`,
    'gradient',
    /^gradient by x is -?[\d.e-]+ where finite differences give -?[\d.e-]+$/,
  ],
  [
    'a gradient by a parameter that differs',
    `${parameters}, ${xTanh}, gradient: (x, { c }) => { const t = tf.tanh(tf.mul(c, x)); const s = tf.sub(1, tf.square(t)); return { x: tf.add(t, tf.mul(tf.mul(c, x), s)), c: tf.mul(x, s) }; }`,
    'gradient',
    /^gradient by c is /,
  ],
  [
    'a tensor that stays',
    'value: (x) => tf.mul(x, tf.keep(tf.scalar(2)))',
    'second use',
    /^its use leaves 1 tensors behind/,
  ],
  [
    'a count of its calls',
    'value: (x) => tf.mul(x, globalThis.calls = (globalThis.calls ?? 0) + 1)',
    'second use',
    /^the second use gives other values than the first$/,
  ],
])('%s is told in one line', (_, body, check, message) => {
  expect(faultsOf(`defineActivation({ name: NAME, ${body} })`)[check]).toMatch(message);
});
