import { describe, expect, test } from 'vitest';
import {
  checkpointStateSchema,
  comparisonSchema,
  metricsRecordSchema,
  runConfigSchema,
  summarySchema,
} from '../src/records/index.ts';
import { exampleComparison } from './support/example-comparison.ts';
import { runConfig, trainRecord } from './support/values.ts';

const evaluation = {
  kind: 'evaluation',
  step: 0,
  tokens: 0,
  split: 'validation',
  loss: 8.3,
  metrics: { perplexity: 4023.9, bitsPerByte: 3.4 },
  elapsedMs: 0,
};

describe('metrics records', () => {
  test.each([
    ['train', trainRecord(3)],
    ['train, by several processes', { ...trainRecord(3), exchangeMs: 1.5, copyMs: 0 }],
    ['evaluation', evaluation],
    ['activation of a layer', { kind: 'activation', step: 1, layer: 0, name: 'alpha', value: 1 }],
    ['activation of channels', { kind: 'activation', step: 1, layer: 0, name: 'beta', value: [1, -2] }],
    ['sample', { kind: 'sample', step: 1, prompt: '', text: '' }],
    ['diverged', { kind: 'diverged', step: 1, parameter: 'loss' }],
  ])('are accepted and unchanged: %s', (_, record) => {
    expect(metricsRecordSchema.parse(record)).toEqual(record);
  });

  test.each([
    ['an unknown kind', { ...evaluation, kind: 'test' }],
    ['no kind', { step: 1 }],
    ['a loss that is not finite', { ...trainRecord(1), loss: Number.POSITIVE_INFINITY }],
    ['NaN', { ...evaluation, metrics: { perplexity: Number.NaN } }],
    ['a negative step', { ...evaluation, step: -1 }],
    ['half a step', { ...evaluation, step: 0.5 }],
    ['a number as text', { ...evaluation, tokens: '0' }],
    ['an unknown split', { ...evaluation, split: 'dev' }],
    ['an unknown field', { ...evaluation, accuracy: 1 }],
    ['a missing field', { ...trainRecord(1), gradientNorm: undefined }],
    ['time that runs backwards', { ...trainRecord(1), elapsedMs: -1 }],
    ['an exchange of no time', { ...trainRecord(1), exchangeMs: undefined }],
    ['an activation without value', { kind: 'activation', step: 1, layer: 0, name: 'alpha', value: null }],
  ])('are refused with %s', (_, record) => {
    expect(metricsRecordSchema.safeParse(record).success).toBe(false);
  });
});

describe('the other files', () => {
  test('config.json takes any JSON as configuration and nothing that JSON cannot hold', () => {
    expect(runConfigSchema.parse(runConfig)).toEqual(runConfig);
    expect(runConfigSchema.parse({ ...runConfig, ranks: 4 })).toEqual({ ...runConfig, ranks: 4 });
    expect(runConfigSchema.safeParse({ ...runConfig, config: { rate: Number.NaN } }).success).toBe(false);
    expect(runConfigSchema.safeParse({ ...runConfig, config: { rate: undefined } }).success).toBe(false);
    expect(runConfigSchema.safeParse({ ...runConfig, startedAt: 1 }).success).toBe(false);
    expect(runConfigSchema.safeParse({ ...runConfig, versions: { node: 20 } }).success).toBe(false);
  });

  test('state.json keeps what the training loop adds', () => {
    expect(checkpointStateSchema.parse({ step: 2, best: null })).toEqual({ step: 2, best: null });
    expect(checkpointStateSchema.safeParse({ best: null }).success).toBe(false);
  });

  test('summary.json may lack results only as null', () => {
    const summary = {
      status: 'diverged',
      step: 3,
      tokens: 192,
      final: null,
      best: null,
      wholeSplit: null,
      tokensPerSecond: 0,
      parameters: 1,
      activationParameters: 0,
      flopsPerToken: 6,
    };
    expect(summarySchema.parse(summary)).toEqual(summary);
    expect(summarySchema.safeParse({ ...summary, final: undefined }).success).toBe(false);
    expect(summarySchema.safeParse({ ...summary, status: 'running' }).success).toBe(false);
  });
});

describe('comparison.json', () => {
  const comparison = exampleComparison({ diverged: ['dynactglu/1'] });

  test('comes back from JSON as it was', () => {
    expect(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
    expect(comparison.variants[1]?.runs[1]?.status).toBe('diverged');
  });

  test('holds null where a figure is not defined at this number of seeds', () => {
    const single = exampleComparison({ seeds: [0] });
    expect(single.paired[0]).toMatchObject({ n: 1, ci95: null, pValue: 1 });
    const none = exampleComparison({ seeds: [0], diverged: ['swiglu/0'] });
    expect(none.paired.at(-1)).toMatchObject({ n: 0, meanDifference: null, pValue: null });
  });

  test('is refused with a wrong or an unknown field at any depth', () => {
    const paired = comparison.paired[0]!;
    const variant = comparison.variants[0]!;
    for (const wrong of [
      { ...comparison, createdAt: '2026-01-01' },
      { ...comparison, steps: 0 },
      { ...comparison, unigramPerplexity: null },
      { ...comparison, metric: undefined },
      { ...comparison, metric: { ...comparison.metric, name: '../up' } },
      { ...comparison, metric: { ...comparison.metric, scale: 'cubic' } },
      { ...comparison, evaluationSteps: [] },
      { ...comparison, seeds: [0.5] },
      { ...comparison, paired: [{ ...paired, pValue: 1.5 }] },
      { ...comparison, paired: [{ ...paired, ci95: [0] }] },
      { ...comparison, paired: [{ ...paired, ci95: [0, Number.POSITIVE_INFINITY] }] },
      { ...comparison, variants: [{ ...variant, parameters: -1 }] },
      { ...comparison, variants: [{ ...variant, runs: [{ ...variant.runs[0]!, status: 'running' }] }] },
      { ...comparison, variants: [{ ...variant, runs: [{ ...variant.runs[0]!, evaluations: [{ step: 0 }] }] }] },
    ]) {
      expect(comparisonSchema.safeParse(wrong).success).toBe(false);
    }
  });
});
