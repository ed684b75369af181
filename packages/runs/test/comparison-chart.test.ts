import { describe, expect, test } from 'vitest';
import { formatValue, meanAndDeviation, perplexity } from '../src/records/index.ts';
import { labelledSteps, logarithmicTicks } from '../src/report/chart-axes.ts';
import { comparisonChart, renderComparisonChart } from '../src/report/index.ts';
import { accuracy, areaUnderCurve, exampleComparison } from './support/example-comparison.ts';

/** The texts that are drawn, in their order. */
const texts = (svg: string) =>
  [...svg.matchAll(/<t(?:ext|span)[^>]*>([^<]+)<\/t(?:ext|span)>/g)].map(([, text]) => text!);
/** The meaning of each point, as screen readers hear it. */
const pointLabels = (svg: string) =>
  [...svg.matchAll(/aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="point"/g)].map(
    ([, label]) => label!,
  );

describe('chart', () => {
  test('shows every variant, evaluation step and seed, and the unigram perplexity', async () => {
    const comparison = exampleComparison({ names: ['swiglu', 'dynactglu', 'geglu'] });
    const svg = await renderComparisonChart(comparison);
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
    const drawn = texts(svg);
    for (const { name } of comparison.variants) expect(drawn).toContain(name);
    for (const label of ['0', '100', '250', '500', '1,000', '2,000']) expect(drawn).toContain(label);
    expect(drawn).toContain('unigrams of the training split: 743.2');
    expect(drawn).toContain('Validation perplexity on gutenberg-prose');
    expect(drawn).toContain('Line: mean of 6 seeds; points: each seed; logarithmic scale');
    for (const { name } of comparison.variants) {
      for (const step of [0, ...comparison.evaluationSteps]) {
        const points = pointLabels(svg).filter(
          (label) => label.startsWith(`optimizer step: ${step}; perplexity: `) && label.endsWith(`variant: ${name}`),
        );
        expect(points).toHaveLength(comparison.seeds.length);
      }
    }
  });

  test('draws the mean over seeds at its place on the logarithmic axis', async () => {
    const comparison = exampleComparison({ names: ['only'], seeds: [0, 1, 2], evaluationSteps: [100, 200] });
    const svg = await renderComparisonChart(comparison);
    const line = /<g[^>]*mark-line[^>]*>.*?<path[^>]* d="([^"]+)"/s.exec(svg)?.[1];
    const drawn = line!.slice(1).split('L').map((pair) => pair.split(',').map(Number)); // biome-ignore format: one chain
    const mean = (step: number) =>
      meanAndDeviation(
        comparison.variants[0]!.runs.map(
          (run) => run.evaluations.find((point) => point.step === step)!.metrics.perplexity!,
        ),
      )!.mean;
    expect(drawn.map(([x]) => x)).toEqual([0, 320, 640]);
    const [top, middle, bottom] = drawn.map(([, y]) => y!) as [number, number, number];
    const share = (Math.log(mean(0)) - Math.log(mean(100))) / (Math.log(mean(0)) - Math.log(mean(200)));
    expect((middle - top) / (bottom - top)).toBeCloseTo(share, 3);
  });

  test('shows paired differences with their intervals below, where there are any', async () => {
    const compared = await renderComparisonChart(exampleComparison());
    expect(texts(compared)).toContain('to swiglu (nats)');
    const alone = exampleComparison({ names: ['swiglu'] });
    expect(texts(await renderComparisonChart(alone)).join()).not.toContain('nats');
    expect(comparisonChart(alone)).toHaveProperty('vconcat.length', 1);
  });

  test('draws a metric of another scale on a linear axis, with its unit', async () => {
    const drawn = texts(await renderComparisonChart(exampleComparison({ metric: accuracy })));
    expect(drawn).toContain('Validation accuracy on gutenberg-prose');
    expect(drawn).toContain('Line: mean of 6 seeds; points: each seed');
    expect(drawn).toEqual(expect.arrayContaining(['accuracy (%)', 'accuracy difference', 'to swiglu (points)']));
    expect(drawn.join()).not.toMatch(/unigram|loss|logarithmic/);
    const area = texts(await renderComparisonChart(exampleComparison({ metric: areaUnderCurve })));
    expect(area).toEqual(expect.arrayContaining(['AUC', 'AUC difference', 'to swiglu']));
  });

  test.each([0, -1, 1e-300, 1e297, 1.7e308])('has no place for a perplexity of %d, and ends', async (value) => {
    const comparison = exampleComparison({ seeds: [0] });
    comparison.variants[0]!.runs[0]!.evaluations[2]!.metrics.perplexity = value;
    expect(pointLabels(await renderComparisonChart(comparison))).toHaveLength(6 + 5 + 5);
    const nothing = exampleComparison({ names: ['only'], seeds: [0], evaluationSteps: [1] });
    for (const point of nothing.variants[0]!.runs[0]!.evaluations) point.metrics.perplexity = value;
    expect(await renderComparisonChart({ ...nothing, unigramPerplexity: 1e300 })).toContain('<svg');
  });

  test('says when runs diverged, and draws them as far as they went', async () => {
    const svg = await renderComparisonChart(exampleComparison({ diverged: ['dynactglu/1'] }));
    expect(texts(svg).join()).toContain('A diverged run ends where it stopped');
    const last = pointLabels(svg).filter((label) => label.startsWith('optimizer step: 2000; perplexity'));
    expect(last.filter((label) => label.endsWith('variant: dynactglu'))).toHaveLength(5);
    expect(last.filter((label) => label.endsWith('variant: swiglu'))).toHaveLength(6);
  });

  test('keeps lines apart when there are more variants than colors', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `variant ${index}`);
    const svg = await renderComparisonChart(exampleComparison({ names, seeds: [0] }));
    const styles = [...svg.matchAll(/<g[^>]*mark-line[^>]*>\s*<path[^>]*stroke="(#[0-9A-Fa-f]+)"[^>]*?(stroke-dasharray="[^"]*")?\/?>/g)]; // biome-ignore format: one pattern
    const above = styles.slice(0, 12).map(([, color, dash]) => `${color} ${dash}`);
    expect(new Set(above).size).toBe(12);
    // A legend in rows: one row of twelve would run out of the picture.
    expect(Number(/width="(\d+)/.exec(svg)?.[1])).toBeLessThan(800);
    for (const name of names) expect(texts(svg)).toContain(name);
  });

  test('escapes names', async () => {
    const svg = await renderComparisonChart(exampleComparison({ names: ['<b>&"', 'plain'], seeds: [0] }));
    expect(svg).not.toContain('<b>');
    expect(texts(svg)).toContain('&lt;b&gt;&amp;"');
  });

  test('is the same text for the same comparison', async () => {
    const comparison = exampleComparison();
    expect(await renderComparisonChart(comparison)).toBe(await renderComparisonChart(comparison));
  });
});

describe('axes', () => {
  test('have between three and ten labels over any range of perplexities', () => {
    expect(logarithmicTicks(110, 4500)).toEqual([150, 200, 300, 500, 700, 1000, 1500, 2000, 3000]);
    expect(logarithmicTicks(90, 4500)).toEqual([100, 200, 500, 1000, 2000]);
    expect(logarithmicTicks(20, 26)).toEqual([20, 21, 22, 23, 24, 25, 26]);
    for (const low of [1.01, 3, 17.7, 99, 340]) {
      for (const ratio of [1.02, 1.1, 1.5, 2, 3, 7, 12, 40, 150, 4000, 1e6]) {
        const ticks = logarithmicTicks(low, low * ratio);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        expect(ticks.length).toBeLessThanOrEqual(10);
        expect(ticks.every((tick) => tick >= low && tick <= low * ratio)).toBe(true);
        expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
      }
    }
  });

  test('label the steps that have room, the first and the last always', () => {
    expect(labelledSteps([0, 100, 250, 500, 1000, 2000], 640)).toEqual([0, 100, 250, 500, 1000, 2000]);
    expect(labelledSteps([0, 60], 640)).toEqual([0, 60]);
    expect(labelledSteps([0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 34_300], 640)).toEqual([
      0, 2000, 5000, 34_300,
    ]);
    expect(labelledSteps([0], 640)).toEqual([0]);
    expect(labelledSteps([0, 0, 5], 640)).toEqual([0, 5]);
  });

  test('have a few labels where a value lies as far off as a number can', () => {
    const ticks = logarithmicTicks(1e-150, 1e150);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(9);
  });
});

test.each([
  ['perplexity', [4.0456, 99.994, 123.456, 4096.4, 3e297], ['4.05', '99.99', '123.5', '4096', '3.00e+297']],
  ['accuracy', [9.8765, 97.314, 100], ['9.88', '97.31', '100.0']],
  ['AUC', [0.97312, 0.5], ['0.9731', '0.5000']],
])('values of %s have the decimals that people need', (name, values, texts) => {
  const metric = [perplexity, accuracy, areaUnderCurve].find((one) => one.name === name)!;
  expect(values.map((value) => formatValue(metric, value))).toEqual(texts);
});
