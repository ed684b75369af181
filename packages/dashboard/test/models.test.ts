import '../../../test/support/property-seed.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparisonCharts } from '../src/page/comparison-charts.ts';
import type { ChartModel } from '../src/page/curves.ts';
import { type Known, learned, nothing } from '../src/page/feed.ts';
import { initial, type PageState } from '../src/page/hash.ts';
import { overlayCharts, runCharts, type Source } from '../src/page/models.ts';
import type { ComparisonRow, RunPatch, RunRow, SeriesPatch } from '../src/protocol.ts';

const runs = ['a-0', 'a-1', 'b-0'];
const comparison: ComparisonRow = {
  id: 'c',
  name: 'c',
  dataset: 'd',
  baseline: 'a',
  variants: ['a', 'b'],
  seeds: [0, 1],
  runs: runs.map((id) => ({ id, variant: id.slice(0, 1), seed: Number(id.slice(2)) })),
  ended: 0,
  updated: 0,
  problem: null,
};
const row = (id: string): RunRow => ({
  id,
  name: `run ${id}`,
  group: '',
  state: 'running',
  step: 0,
  steps: null,
  msLeft: null,
  updated: 0,
  values: {},
  differs: [],
  flopsPerToken: id === 'b-0' ? null : 3,
  problem: null,
});
const listed = learned(nothing, {
  kind: 'listing',
  patch: { runs: runs.map(row), comparisons: [comparison], gone: [] },
});

const seriesPatch = fc
  .record({
    from: fc.nat(20),
    values: fc.array(fc.double({ noNaN: true, min: -9, max: 9 }), { minLength: 1, maxLength: 9 }),
    isSpread: fc.boolean(),
  })
  .map(({ from, values, isSpread }): SeriesPatch => {
    const step = values.map((_, index) => from + index);
    const spread = { min: values.map((value) => value - 1), max: values.map((value) => value + 1) };
    const places = { from, step, tokens: step.map((at) => 8 * at), ms: step.map((at) => 5 * at) };
    return { ...places, last: values, ...(isSpread ? spread : {}) };
  });
const patches: fc.Arbitrary<RunPatch> = fc.record({
  run: fc.constantFrom(...runs),
  reset: fc.boolean(),
  series: fc.dictionary(fc.constantFrom('train/loss', 'validation/perplexity', 'activation/beta/1'), seriesPatch),
});
const states: fc.Arbitrary<PageState> = fc.record({
  ...Object.fromEntries(Object.entries(initial).map(([key, value]) => [key, fc.constant(value)])),
  axis: fc.constantFrom('step', 'tokens', 'time', 'flops'),
  smoothing: fc.constantFrom(0, 0.9),
  zoom: fc.constantFrom(null, [2, 9] as const),
}) as fc.Arbitrary<PageState>;

function chartsOf(source: Source): ChartModel[] {
  return [
    ...overlayCharts(source, runs),
    ...runCharts(source, 'a-0'),
    ...comparisonCharts(source, comparison, undefined),
  ];
}

function told(known: Known, ...news: readonly RunPatch[]): Known {
  return learned(known, { kind: 'runs', patches: news, reading: 0 });
}

describe('the lines of charts', () => {
  test('are those that are worked out from all points anew, whatever came and in whichever order', () => {
    fc.assert(
      fc.property(
        fc.array(patches, { maxLength: 12 }),
        fc.array(states, { minLength: 1, maxLength: 4 }),
        (all, looks) => {
          let known = listed;
          const zoomed = told(nothing, ...all.slice(0, 1)).data;
          for (const [index, patch] of all.entries()) {
            known = told(known, patch);
            const source = { known, zoomed, state: looks[index % looks.length]! };
            const [kept, anew] = [chartsOf(source), chartsOf(structuredClone(source))];
            expect(kept.map(({ curves }) => curves())).toEqual(anew.map(({ curves }) => curves()));
            expect(kept.map(({ isKnown }) => isKnown)).toEqual(anew.map(({ curves }) => curves().length > 0));
          }
        },
      ),
    );
  });

  test('stay the same objects where no message touched them', () => {
    const patch = (run: string): RunPatch => ({
      run,
      reset: false,
      series: { 'train/loss': { from: 0, step: [0, 1], tokens: [0, 8], ms: [0, 5], last: [3, 2] } },
    });
    const state = { ...initial, smoothing: 0.5 };
    const linesOf = (known: Known) => overlayCharts({ known, zoomed: new Map(), state }, runs)[0]!.curves();
    const first = told(listed, ...runs.map(patch));
    const [before, after] = [linesOf(first), linesOf(told(first, patch('a-1')))];
    expect(after).toEqual(before);
    expect(after.map((line, index) => line === before[index])).toEqual([true, false, true]);
  });

  test('are worked out for nobody who does not ask', () => {
    const refuse = () => {
      throw new Error('a chart out of sight was worked out');
    };
    const points = Object.defineProperties(
      {},
      Object.fromEntries(['step', 'last'].map((key) => [key, { get: refuse }])),
    );
    const known = told(listed, { run: 'a-0', reset: false, series: {} });
    (known.data.get('a-0')!.series as Map<string, unknown>).set('train/loss', points);
    const charts = chartsOf({ known, zoomed: new Map(), state: initial });
    expect(charts.map(({ key }) => key)).toEqual(['train/loss', 'loss', 'train/loss']);
    expect(charts[0]!.curves).toThrow('out of sight');
  });
});
