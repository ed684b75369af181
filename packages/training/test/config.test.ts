import { InputError } from '@dynact/files';
import { describe, expect, test } from 'vitest';
import { applyOverrides, mergeConfig, parseConfig, presets } from '../src/index.ts';

describe('wrong configurations are refused in one line with the path', () => {
  test.each([
    [{ trainning: {} }, /^file\.json: trainning: unknown key; did you mean "training"\?/],
    [{ model: { haeds: 2 } }, /^file\.json: model\.haeds: unknown key; did you mean "heads"\?/],
    [{ model: { feedForward: { kin: 'mlp' } } }, /^file\.json: model\.feedForward\.kin: .*"kind"/],
    [{ model: { feedForward: { perLayer: [{ kidn: 'mlp' }] } } }, /feedForward\.perLayer\.0\.kidn: .*"kind"/],
    [{ training: { optimizer: { learning_rate: 1 } } }, /training\.optimizer\.learning_rate: .*"learningRate"/],
    [{ training: { optimizer: { name: 'lion', epsilon: 1 } } }, /training\.optimizer\.epsilon: unknown .*beta1, beta2/],
    [{ training: { optimizer: { name: 'muon', iteration: 1 } } }, /optimizer\.iteration: unknown .*"iterations"/],
    [{ training: { optimizer: { name: 'adam' } } }, /training\.optimizer\.name: .*'adamw' \| 'sgd'/],
    [{ training: { schedule: { name: 'constant', finalFraction: 0 } } }, /schedule\.finalFraction: unknown key/],
    [{ training: { schedule: 'cosine' } }, /training\.schedule: .*object/],
    [{ model: { width: 'wide' } }, /^file\.json: model\.width: .*number/],
    [{ dataset: { vocabSize: 200 } }, /^file\.json: dataset\.vocabSize: .*257/],
    [{ model: { feedForward: { kind: 'swish' } } }, /model\.feedForward\.kind: .*swiglu/],
    [[], /^file\.json: the whole: /],
  ])('%j', (value, message) => {
    const parse = () => parseConfig(value, 'file.json');
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/\n/);
  });
});

test('an empty configuration is complete', () => {
  const config = parseConfig({});
  expect(config.model.feedForward.kind).toBe('swiglu');
  expect(config.training.optimizer).toMatchObject({ name: 'adamw', beta2: 0.95 });
  expect(config.training.schedule).toEqual({ name: 'cosine', warmupSteps: 20, finalFraction: 0.1 });
  expect(Object.keys(config.comparison.variants)).toEqual(['swiglu', 'dynactglu']);
});

test.each(Object.entries(presets))('preset %s is a valid configuration', (_, preset) => {
  expect(() => parseConfig(preset)).not.toThrow();
});

test('overrides reach nested keys, read JSON, and keep what is not JSON as text', () => {
  const base = { model: { width: 64, heads: 2 } };
  const config = applyOverrides(base, ['model.width=128', 'training.gradientClip=null', 'dataset.name=books']);
  expect(config).toEqual({
    model: { width: 128, heads: 2 },
    training: { gradientClip: null },
    dataset: { name: 'books' },
  });
  expect(base.model.width).toBe(64);
});

test.each(['model.width', '=3', 'model..width=3'])('override %j is refused', (assignment) => {
  expect(() => applyOverrides({}, [assignment])).toThrow(/write it as key\.path=value/);
});

test('merging replaces lists whole', () => {
  expect(mergeConfig({ a: [1, 2], b: { c: 1, d: 2 } }, { a: [3], b: { d: 4 } })).toEqual({ a: [3], b: { c: 1, d: 4 } });
});
