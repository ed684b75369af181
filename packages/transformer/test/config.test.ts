import { describe, expect, test } from 'vitest';
import { countModel, feedForwardKindNames, modelConfigSchema, resolveModelConfig } from '../src/index.ts';

function resolve(config: unknown, vocabularySize = 300) {
  return resolveModelConfig(modelConfigSchema.parse(config), vocabularySize);
}

describe('what does not fit together is refused by path', () => {
  test.each([
    [{ width: 100, heads: 3 }, /^model\.heads: 3 heads do not divide width 100/],
    [{ heads: 4, kvHeads: 3 }, /^model\.kvHeads: 3 does not divide 4 heads/],
    [{ width: 12, heads: 4 }, /^model\.heads: rope rotates pairs.*odd head width 3/],
    [{ feedForward: { hiddenWidth: 33 } }, /^model\.feedForward\.hiddenWidth: 33 is odd/],
    [{ feedForward: { activation: { name: 'swish' } } }, /^model\.feedForward\.activation: unknown activation "swish"/],
    [
      { feedForward: { kind: 'dynactglu', activation: { name: 'dynactivation', base: 'x' } } },
      /^model\.feedForward\.activation: dynactivation/,
    ],
    [{ width: 2 ** 30, heads: 2 ** 29 }, /^model\.width: it makes a matrix of 300 x 1073741824; a matrix has at most/],
    [{ feedForward: { hiddenWidth: 2 ** 40 } }, /^model\.feedForward\.hiddenWidth: .* matrix of 128 x 1099511627776/],
    [{ context: 2 ** 24 }, /^model\.context: it makes a matrix of 16777216 x 16777216/],
    [{ context: 30_000, kvHeads: 1 }, /^model\.context: it makes a matrix of 30000 x 120000/],
    [{ layers: 2, feedForward: { perLayer: [{}] } }, /^model\.feedForward\.perLayer: 1 entries for 2 layers/],
  ])('%j', (config, message) => {
    expect(() => resolve(config)).toThrow(message);
  });
});

test('the gated hidden width is two thirds of four times the width, to a multiple of 16', () => {
  expect(resolve({ width: 256 }).feedForwards[0]!.hiddenWidth).toBe(688);
  expect(resolve({ width: 128 }).feedForwards[0]!.hiddenWidth).toBe(336);
  expect(resolve({ width: 128, feedForward: { hiddenWidth: 200 } }).feedForwards[0]!.hiddenWidth).toBe(200);
});

test('every kind of feed-forward block has the same matrix parameters', () => {
  const counts = feedForwardKindNames.map((kind) => countModel(resolve({ feedForward: { kind } })).matrixParameters);
  expect(new Set(counts).size).toBe(1);
});

test('parameters and FLOPs are those of the closed form', () => {
  // Tied 300 x 128; a layer: 4 x 128^2 of attention, 3 x 128 x 336 of feed-forward, 2 gains; the final gain.
  const layer = 4 * 128 * 128 + 3 * 128 * 336;
  const matrices = 300 * 128 + 4 * layer;
  expect(countModel(resolve({ feedForward: { kind: 'dynactglu' } }))).toEqual({
    parameters: matrices + 9 * 128 + 4 * 2,
    matrixParameters: matrices,
    activationParameters: 4 * 2,
    flopsPerToken: 6 * matrices + 12 * 4 * 128 * 128,
  });
});

test('an untied output and fewer key heads are counted', () => {
  const tied = countModel(resolve({}));
  const untied = countModel(resolve({ tieEmbeddings: false }));
  expect(untied.parameters - tied.parameters).toBe(300 * 128);
  expect(untied.matrixParameters).toBe(tied.matrixParameters);
  const multiQuery = countModel(resolve({ kvHeads: 1 }));
  expect(tied.parameters - multiQuery.parameters).toBe(4 * 2 * 128 * 96);
});

test('a frozen activation is not counted as trainable', () => {
  const activation = { name: 'dynactivation', frozen: true };
  const { activationParameters } = countModel(resolve({ feedForward: { kind: 'dynactglu', activation } }));
  expect(activationParameters).toBe(0);
});

test('another kind in one layer brings its own activation, also under one that is set for all', () => {
  const feedForward = { kind: 'swiglu', activation: { name: 'relu' }, perLayer: [{}, { kind: 'geglu' }] };
  const names = resolve({ layers: 2, feedForward }).feedForwards.map(
    (block) => 'activation' in block && block.activation.name,
  );
  expect(names).toEqual(['relu', 'gelu']);
});
