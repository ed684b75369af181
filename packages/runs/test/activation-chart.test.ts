import { describe, expect, test } from 'vitest';
import { type ActivationRun, activationChart, renderActivationChart, renderReport } from '../src/report/index.ts';
import { exampleComparison } from './support/example-comparison.ts';

const value = (name: string, step: number, layer: number, seed: number) =>
  (name === 'alpha' ? 1 : 0) + step / 1000 + layer / 10 + seed;

/** Two layers, two parameters, three steps. */
function exampleRuns(variant: string, seeds: number[]): ActivationRun[] {
  return seeds.map((seed) => ({
    variant,
    seed,
    records: [0, 100, 200].flatMap((step) =>
      [0, 1].flatMap((layer) =>
        ['alpha', 'beta'].map((name) => ({
          kind: 'activation' as const,
          step,
          layer,
          name,
          value: value(name, step, layer, seed),
        })),
      ),
    ),
  }));
}

/** Heights of the points of every line of an SVG. */
function lines(svg: string): number[][] {
  return [
    ...svg.matchAll(/aria-roledescription="line mark"[^>]*d="M([^"]+)"|<path aria-label[^>]*line[^>]* d="M([^"]+)"/g),
  ].map(([, a, b]) => (a ?? b)!.split('L').map((pair) => Number(pair.split(',')[1])));
}

describe('activation chart', () => {
  test('has a panel for each parameter, a line for each layer and a point for each seed', async () => {
    const svg = (await renderActivationChart('dynactglu', exampleRuns('dynactglu', [0, 1])))!;
    expect(svg).toContain('Activation parameters of dynactglu');
    expect(svg).toContain('Line: mean of 2 seeds; points: each seed');
    for (const name of ['alpha', 'beta']) expect(svg).toContain(`>${name}</text>`);
    const labels = [...svg.matchAll(/aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="point"/g)];
    expect(labels).toHaveLength(2 * 2 * 3 * 2);
    for (const name of ['alpha', 'beta']) {
      for (const [step, layer, seed] of [
        [0, 0, 0],
        [200, 1, 1],
      ] as const) {
        const wanted = `optimizer step: ${step}; ${name}: ${value(name, step, layer, seed)}; layer: ${layer}`;
        expect(labels.map(([, label]) => label)).toContain(wanted);
      }
    }
  });

  test('draws the mean over seeds', async () => {
    const heights = async (seeds: number[]) => lines((await renderActivationChart('v', exampleRuns('v', seeds)))!);
    const one = await heights([1]);
    expect(one).toHaveLength(4);
    expect(new Set(one.map((line) => line.join())).size).toBe(2);
    // The mean of seeds 0 and 2 is seed 1, on an axis that reaches from the lowest to the highest point.
    const [line] = await heights([0, 2]);
    expect(line!.length).toBe(3);
    expect(line![0]! - line![1]!).toBeCloseTo(line![1]! - line![2]!, 1);
  });

  test('takes the mean of a parameter with a value per channel, and says so', async () => {
    const records = [{ kind: 'activation' as const, step: 0, layer: 0, name: 'p', value: [1, 2, 6] }];
    const svg = (await renderActivationChart('acon', [{ variant: 'acon', seed: 0, records }]))!;
    expect(svg).toContain('Of a parameter with a value per channel: their mean');
    expect(svg).toContain('p: 3; layer: 0');
  });

  test('is nothing for a variant without such parameters', () => {
    expect(activationChart('swiglu', [{ variant: 'swiglu', seed: 0, records: [] }])).toBeUndefined();
  });
});

describe('report', () => {
  test('shows the activation parameters of the variants that have some', async () => {
    const comparison = exampleComparison({ seeds: [0, 1] });
    const activations = [
      ...exampleRuns('dynactglu', [0, 1]),
      { variant: 'swiglu', seed: 0, records: [] },
      { variant: 'swiglu', seed: 1, records: [] },
    ];
    const html = await renderReport(comparison, { activations });
    expect(html).toContain('<h2>Activation parameters over training</h2>');
    expect(html).toContain('Activation parameters of dynactglu');
    expect(html).not.toContain('Activation parameters of swiglu');
    expect(html.match(/<figure>/g)).toHaveLength(2);
    expect(await renderReport(comparison)).not.toContain('Activation parameters');
  });
});
