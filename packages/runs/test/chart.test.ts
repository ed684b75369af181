import { describe, expect, it } from 'vitest';
import { meanAndDeviation } from '../src/records/index.ts';
import { labelledSteps, logarithmicTicks } from '../src/report/chart-axes.ts';
import { formatPerplexity, perplexityChart, renderPerplexityChart } from '../src/report/index.ts';
import { exampleComparison } from './support/example-comparison.ts';

/** The texts that are drawn, in their order. */
const texts = (svg: string) =>
  [...svg.matchAll(/<t(?:ext|span)[^>]*>([^<]+)<\/t(?:ext|span)>/g)].map(([, text]) => text!);
/** What each point stands for, as screen readers hear it. */
const pointLabels = (svg: string) =>
  [...svg.matchAll(/aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="point"/g)].map(
    ([, label]) => label!,
  );

describe('chart', () => {
  it('shows every variant, checkpoint and seed, and the unigram perplexity', async () => {
    const comparison = exampleComparison({ names: ['swiglu', 'dynactglu', 'geglu'] });
    const svg = await renderPerplexityChart(comparison);
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
    const drawn = texts(svg);
    for (const { name } of comparison.variants) expect(drawn).toContain(name);
    for (const label of ['0', '100', '250', '500', '1,000', '2,000']) expect(drawn).toContain(label);
    expect(drawn).toContain('unigrams of the training split: 743.2');
    expect(drawn).toContain('Validation perplexity on gutenberg-prose');
    expect(drawn).toContain('Line: mean of 6 seeds; points: each seed; logarithmic scale');
    for (const { name } of comparison.variants) {
      for (const step of [0, ...comparison.checkpoints]) {
        const points = pointLabels(svg).filter(
          (label) => label.startsWith(`optimizer step: ${step}; perplexity: `) && label.endsWith(`variant: ${name}`),
        );
        expect(points).toHaveLength(comparison.seeds.length);
      }
    }
  });

  it('draws the mean over seeds at its place on the logarithmic axis', async () => {
    const comparison = exampleComparison({ names: ['only'], seeds: [0, 1, 2], checkpoints: [100, 200] });
    const svg = await renderPerplexityChart(comparison);
    const line = /<g[^>]*mark-line[^>]*>.*?<path[^>]* d="([^"]+)"/s.exec(svg)?.[1];
    const drawn = line!.slice(1).split('L').map((pair) => pair.split(',').map(Number)); // biome-ignore format: one chain
    const mean = (step: number) =>
      meanAndDeviation(
        comparison.variants[0]!.runs.map((run) => run.evaluations.find((point) => point.step === step)!.perplexity),
      )!.mean;
    expect(drawn.map(([x]) => x)).toEqual([0, 320, 640]);
    const [top, middle, bottom] = drawn.map(([, y]) => y!) as [number, number, number];
    const share = (Math.log(mean(0)) - Math.log(mean(100))) / (Math.log(mean(0)) - Math.log(mean(200)));
    expect((middle - top) / (bottom - top)).toBeCloseTo(share, 3);
  });

  it('shows paired differences with their intervals below, where there are any', async () => {
    const compared = await renderPerplexityChart(exampleComparison());
    expect(texts(compared)).toContain('to swiglu (nats)');
    const alone = exampleComparison({ names: ['swiglu'] });
    expect(texts(await renderPerplexityChart(alone)).join()).not.toContain('nats');
    expect(perplexityChart(alone)).toHaveProperty('vconcat.length', 1);
  });

  it('says when runs diverged, and draws them as far as they went', async () => {
    const svg = await renderPerplexityChart(exampleComparison({ diverged: ['dynactglu/1'] }));
    expect(texts(svg).join()).toContain('A diverged run ends where it stopped');
    const last = pointLabels(svg).filter((label) => label.startsWith('optimizer step: 2000; perplexity'));
    expect(last.filter((label) => label.endsWith('variant: dynactglu'))).toHaveLength(5);
    expect(last.filter((label) => label.endsWith('variant: swiglu'))).toHaveLength(6);
  });

  it('keeps lines apart when there are more variants than colours', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `variant ${index}`);
    const svg = await renderPerplexityChart(exampleComparison({ names, seeds: [0] }));
    const styles = [...svg.matchAll(/<g[^>]*mark-line[^>]*>\s*<path[^>]*stroke="(#[0-9A-Fa-f]+)"[^>]*?(stroke-dasharray="[^"]*")?\/?>/g)]; // biome-ignore format: one pattern
    const above = styles.slice(0, 12).map(([, colour, dash]) => `${colour} ${dash}`);
    expect(new Set(above).size).toBe(12);
    // A legend in rows: one row of twelve would run out of the picture.
    expect(Number(/width="(\d+)/.exec(svg)?.[1])).toBeLessThan(800);
    for (const name of names) expect(texts(svg)).toContain(name);
  });

  it('escapes names', async () => {
    const svg = await renderPerplexityChart(exampleComparison({ names: ['<b>&"', 'plain'], seeds: [0] }));
    expect(svg).not.toContain('<b>');
    expect(texts(svg)).toContain('&lt;b&gt;&amp;"');
  });

  it('is the same text for the same comparison', async () => {
    const comparison = exampleComparison();
    expect(await renderPerplexityChart(comparison)).toBe(await renderPerplexityChart(comparison));
  });
});

describe('axes', () => {
  it('have between three and ten labels over any range of perplexities', () => {
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

  it('label the steps that have room, the first and the last always', () => {
    expect(labelledSteps([0, 100, 250, 500, 1000, 2000], 640)).toEqual([0, 100, 250, 500, 1000, 2000]);
    expect(labelledSteps([0, 60], 640)).toEqual([0, 60]);
    expect(labelledSteps([0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 34_300], 640)).toEqual([
      0, 2000, 5000, 34_300,
    ]);
    expect(labelledSteps([0], 640)).toEqual([0]);
    expect(labelledSteps([0, 0, 5], 640)).toEqual([0, 5]);
  });

  it('give large perplexities fewer decimals', () => {
    expect([4.0456, 99.994, 123.456, 4096.4].map(formatPerplexity)).toEqual(['4.05', '99.99', '123.5', '4096']);
  });
});
