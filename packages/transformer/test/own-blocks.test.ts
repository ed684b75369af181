import '@tensorflow/tfjs';
import { defineActivation } from '@dynact/activations';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  defineFeedForward,
  type FeedForwardDefinition,
  type FeedForwardParts,
  Gpt,
  modelConfigSchema,
  registerOwn,
  resolveModelConfig,
} from '../src/index.ts';

function resolve(feedForward: object) {
  return resolveModelConfig(modelConfigSchema.parse({ layers: 2, width: 16, heads: 2, context: 8, feedForward }), 300);
}

function register(name: string, block: FeedForwardDefinition['block']) {
  registerOwn([], [defineFeedForward({ name, block })]);
}

const tokens = (offset: number) =>
  tf.tensor2d([[5, 7, 11, 13, 17, 19, 23, 29].map((id) => id + offset)], undefined, 'int32');

test('every registered activation is a gate by its name, and the middle of a plain block behind mlp.', () => {
  expect(resolve({ kind: 'silu' })).toEqual(resolve({ kind: 'swiglu' }));
  expect(resolve({ kind: 'dynactivation' })).toEqual(resolve({ kind: 'dynactglu' }));
  expect(resolve({ kind: 'mlp.gelu' })).toEqual(resolve({ kind: 'mlp' }));
  expect(resolve({ kind: 'mlp.mish', hiddenWidth: 40 }).feedForwards[0]).toEqual({
    gated: false,
    hiddenWidth: 60,
    activation: { name: 'mish' },
  });
});

test.each(['swigglu', 'mlp.', 'mlp.swiglu', 'constructor', 'mish.'])('%s is no block', (kind) => {
  expect(() => resolve({ kind })).toThrow(
    /^model\.feedForward\.kind: there is no block ".*"; use mlp, glu, .* --plugin/,
  );
});

test('a block of its own of the same parts as swiglu has its initial values, its loss and its gradients', async () => {
  register('own-swiglu', ({ hiddenWidth, linear, output, activation }) => {
    const [gate, up, down] = [linear('gate', hiddenWidth), linear('up', hiddenWidth), output('down', hiddenWidth)];
    const silu = activation('activation', { name: 'silu' });
    return (x) => down(silu.gate(gate(x), up(x)));
  });
  const [own, swiglu] = ['own-swiglu', 'swiglu'].map((kind) => new Gpt(resolve({ kind }), 3)) as [Gpt, Gpt];
  expect(own.parameters.map(({ name }) => name)).toEqual(swiglu.parameters.map(({ name }) => name));
  const [a, b] = [own, swiglu].map((model) => tf.variableGrads(() => model.loss(tokens(0), tokens(1))));
  expect(a!.value.dataSync()).toEqual(b!.value.dataSync());
  for (const [index, { variable }] of own.parameters.entries()) {
    const other = swiglu.parameters[index]!.variable;
    expect(a!.grads[variable.name]!.dataSync()).toEqual(b!.grads[other.name]!.dataSync());
  }
});

test('the parameters of a block are named, shaped and told of as it says', () => {
  register('scaled', ({ width, linear, output, activation, parameter }) => {
    const [up, down] = [linear('up', 24), output('down', 24)];
    const gate = activation('gate', { name: 'dynactivation', alpha: 0.5 }, 24);
    const scale = parameter('scale', [width], 2);
    return (x) => tf.mul(down(gate.apply(up(x))), scale());
  });
  const model = new Gpt(resolve({ kind: 'scaled' }), 0);
  const own = model.parameters.filter(({ name }) => name.startsWith('blocks.1.feedForward.'));
  expect(own.map(({ name, shape }) => [name.slice('blocks.1.feedForward.'.length), shape])).toEqual([
    ['up.weight', [16, 24]],
    ['down.weight', [24, 16]],
    ['gate.alpha', []],
    ['gate.beta', []],
    ['scale', [16]],
  ]);
  expect(own.at(-1)!.variable.dataSync()).toEqual(new Float32Array(16).fill(2));
  const values = model.activationValues(1);
  expect(Object.entries(values).map(([name, value]) => [name, value.dataSync()[0]])).toEqual([
    ['gate.alpha', 0.5],
    ['gate.beta', 0],
  ]);
});

test.each([
  [
    'thrower',
    () => {
      throw new Error('no\nmore');
    },
    /^thrower: block throws: no$/,
  ],
  ['nothing', () => 3, /^nothing: block gives number; it must give a function of x$/],
  [
    'wide',
    ({ linear }) => linear('up', 24),
    /^wide: block gives float32 \[8,24\]; it must give float32 \[8,16\], as x is$/,
  ],
  ['void', () => () => undefined, /^void: block gives no tensor; it must give float32 \[8,16\]/],
  [
    'late',
    () => () => {
      throw new Error('later');
    },
    /^late: block throws: later$/,
  ],
  [
    'twice',
    ({ linear }) => {
      linear('up', 16);
      return linear('up', 16);
    },
    /^twice: up\.weight is made twice; name each part$/,
  ],
] as [string, (parts: FeedForwardParts) => unknown, RegExp][])('%s is refused in one line', (name, block, message) => {
  register(name, block as unknown as FeedForwardDefinition['block']);
  expect(() => new Gpt(resolve({ kind: name }), 0).loss(tokens(0), tokens(1))).toThrow(message);
});

test('a name that is taken, or none, is refused, and then nothing is registered', () => {
  const named = (name: string) => defineFeedForward({ name, block: () => (x) => x });
  const value = (x: tf.Tensor) => x;
  for (const name of ['mlp', 'swiglu', 'silu', 'bilinear']) {
    expect(() => registerOwn([], [named('fresh'), named(name)])).toThrow(`"${name}": the name is taken`);
    expect(() => registerOwn([defineActivation({ name, value })], [])).toThrow(`"${name}": the name is taken`);
  }
  expect(() => registerOwn([defineActivation({ name: 'both', value })], [named('both')])).toThrow('"both": the name');
  expect(() => resolve({ kind: 'fresh' })).toThrow(/there is no block/);
  for (const name of ['', 'mlp.own', 'a b', 3]) {
    expect(() => named(name as string)).toThrow(/^defineFeedForward: .* names nothing; use a letter/);
  }
  expect(() => resolve({ kind: 'own-swiglu', activation: { name: 'relu' } })).toThrow(/own-swiglu has its own; leave/);
});
