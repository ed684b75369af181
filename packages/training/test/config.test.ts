import { InputError } from '@dynact/files';
import { describe, expect, test } from 'vitest';
import {
  applyOverrides,
  configJsonSchema,
  configOptions,
  mergeConfig,
  parseConfig,
  parseRecordedConfig,
  presets,
  sourceOfErrors,
} from '../src/index.ts';

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
    // It kept a search for a batch that fits busy for ever.
    [{ training: { batchSize: 9007199254740881 } }, /training\.batchSize: .*65536/],
    [{ backend: { threads: 100_000 } }, /backend\.threads: .*1024/],
    [{ training: { stretches: [{ after: 5, schedule: 'keep' }], steps: 5 } }, /training\.stretches: each begins after/],
    [{ steps: 10 }, /^file\.json: steps: unknown key; did you mean "training\.steps"\?/],
    [{ learning_rate: 1 }, /learning_rate: .* "training\.optimizer\.learningRate"/],
    [{ model: { dropOut: 1 } }, /model\.dropOut: .* "dropout"/],
    [{ training: { vocabSize: 300 } }, /training\.vocabSize: .* "dataset\.vocabSize"/],
    [{ batchsize: 2 }, /batchsize: .* "training\.batchSize"/],
    [[], /^file\.json: the whole: /],
  ])('%j', (value, message) => {
    const parse = () => parseConfig(value, 'file.json');
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/\n/);
  });
});

const oldKeys = {
  training: { evaluation: { checkpoints: [5] } },
  model: { feedForward: { hidden: 48 } },
  comparison: { checkpoints: [7], variants: { a: { training: { evaluation: { checkpoints: [9] } } } } },
};

test.each([
  [{ model: oldKeys.model }, 'model.feedForward.hidden: it is called model.feedForward.hiddenWidth now'],
  [{ training: oldKeys.training }, 'training.evaluation.checkpoints: it is called training.evaluation.steps now'],
  [{ comparison: oldKeys.comparison }, 'comparison.checkpoints: it is called comparison.evaluationSteps now'],
  [
    { comparison: { variants: oldKeys.comparison.variants } },
    'comparison.variants.a.training.evaluation.checkpoints: it is called comparison.variants.a.training.evaluation.steps now',
  ],
])('an old key gets one line with its new name: %j', (value, line) => {
  expect(() => parseConfig(value, 'file.json')).toThrow(new InputError('configuration', `file.json: ${line}`));
});

test('the configuration of an old run folder is read, and left as it is', () => {
  const before = structuredClone(oldKeys);
  const config = parseRecordedConfig(oldKeys, 'config.json');
  expect(config.training.evaluation.steps).toEqual([5]);
  expect(config.model.feedForward.hiddenWidth).toBe(48);
  expect(config.comparison.evaluationSteps).toEqual([7]);
  expect(config.comparison.variants.a).toEqual({ training: { evaluation: { steps: [9] } } });
  expect(oldKeys).toEqual(before);
});

test('$schema says nothing of the run', () => {
  expect(parseConfig({ $schema: './config.schema.json', seed: 3 })).toEqual(parseConfig({ seed: 3 }));
});

test('$comment says nothing of the run, at any level', () => {
  const $comment = 'a remark';
  const perLayer = [{ $comment, kind: 'geglu' }, {}, {}, {}];
  const config = { $comment, training: { $comment, steps: 5 }, model: { feedForward: { $comment, perLayer } } };
  const plain = { training: { steps: 5 }, model: { feedForward: { perLayer: [{ kind: 'geglu' }, {}, {}, {}] } } };
  expect(parseConfig(config)).toEqual(parseConfig(plain));
});

test('the JSON schema has every section, and the default optimizer needs no name', () => {
  const schema = configJsonSchema() as {
    properties: Record<string, { properties: Record<string, { oneOf: Member[] }> }>;
  };
  type Member = { properties: { name: { const: string } }; required?: string[] };
  expect(Object.keys(schema.properties)).toEqual(['$schema', '$comment', ...Object.keys(parseConfig({}))]);
  const nameless = (section: string) =>
    schema.properties
      .training!.properties[section]!.oneOf.filter(({ required }) => !required?.includes('name'))
      .map(({ properties }) => properties.name.const);
  expect([nameless('optimizer'), nameless('schedule')]).toEqual([['adamw'], ['cosine']]);
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

test.each([
  [{}, ['model.width=64', 'steps=10'], '--set steps=10'],
  [{ seed: 3 }, ['model.width=wide', 'model.width=64'], '--set model.width=wide'],
  [{ steps: 3 }, ['model.width=wide'], 'preset nano'],
  [{}, ['model.width=64'], 'preset nano'],
])('an error is laid to the --set that makes it: %j %j', (base, assignments, source) => {
  expect(sourceOfErrors(base, assignments, 'preset nano')).toBe(source);
});

test('merging replaces lists whole', () => {
  expect(mergeConfig({ a: [1, 2], b: { c: 1, d: 2 } }, { a: [3], b: { d: 4 } })).toEqual({ a: [3], b: { c: 1, d: 4 } });
});

test.each([
  [{ training: { steps: Number.NaN } }, 'training.steps: NaN is not a number'],
  [{ training: { steps: 1.5 } }, 'training.steps: 1.5 is not a whole number'],
  [{ training: { steps: 10n } }, 'training.steps: 10 is not a number'],
  [{ model: { width: 'wide' } }, 'model.width: "wide" is not a number'],
  [{ comparison: { seeds: 3 } }, 'comparison.seeds: 3 is not a list'],
  [{ comparison: { variants: ['a'] } }, 'comparison.variants: ["a"] is not an object'],
  [{ dataset: { name: ['x'.repeat(99)] } }, `dataset.name: ["${'x'.repeat(55)}... is not a text`],
])('a value of the wrong type is shown: %o', (config, message) => {
  expect(() => parseConfig(config)).toThrow(`config: ${message}`);
});

test('what leaving an option out means is said wherever it has no default', () => {
  const named = configOptions().filter((option) => option.default === undefined && !option.type.endsWith('| null'));
  const required = ['training.stretches[].after', 'training.stretches[].schedule', 'training.sample.prompt'];
  const silent = named.filter(({ path, description }) => !required.includes(path) && !/by default/.test(description));
  expect(silent.map(({ path }) => path)).toEqual([]);
});
