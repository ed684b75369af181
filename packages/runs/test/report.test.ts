import { describe, expect, test } from 'vitest';
import { renderReport } from '../src/report/index.ts';
import { accuracy, exampleComparison } from './support/example-comparison.ts';

/** The cells of the table under a heading, row by row, without markup. */
function tableUnder(html: string, heading: string): string[][] {
  const table = html.slice(html.indexOf(`<h2>${heading}</h2>`)).match(/<table>.*?<\/table>/s)![0];
  return [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell!.replace(/<[^>]+>/g, ' ').trim()),
  );
}

/** Which figures of the first table are bold, by the names of the rows that have one. */
function boldCells(html: string): Record<string, boolean[]> {
  const body = html.slice(html.indexOf('<h2>Validation')).match(/<tbody>.*?<\/tbody>/s)![0];
  const rows = [...body.matchAll(/<tr><th[^>]*>(?:<span[^>]*><\/span>)?(.*?)<\/th>(.*?)<\/tr>/gs)];
  const cells = (row: string) => row.split('</td>').slice(0, -1).map((cell) => cell.includes('<strong>')); // biome-ignore format: one chain
  return Object.fromEntries(
    rows.map(([, name, row]) => [name, cells(row!)] as const).filter(([, row]) => row.includes(true)),
  );
}

describe('report', () => {
  test('is one page with chart, verdict and every figure', async () => {
    const comparison = exampleComparison();
    const html = await renderReport(comparison, { throughput: new Map([['swiglu', 2630.4]]) });
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain('<svg ');
    expect(html.match(/<(script|link|img)\b/g)).toBeNull();
    expect(html).toContain('2,000 steps · seeds 0, 1, 2, 3, 4, 5 · unigram perplexity 743.2');
    expect(html).toMatch(/dynactglu has \d\.\d\d % lower perplexity than swiglu over 6 seeds: dynactglu is better/);

    const perplexities = tableUnder(html, 'Validation perplexity at the evaluation steps');
    expect(perplexities[0]).toEqual(['', 'step 0', 'step 100', 'step 250', 'step 500', 'step 1000', 'step 2000']);
    const names = (variant: string) => [
      ...[0, 1, 2, 3, 4, 5].map((seed) => `${variant} seed ${seed}`),
      `${variant} mean`,
      `${variant} bits per byte`,
    ];
    expect(perplexities.slice(1).map(([name]) => name)).toEqual([...names('swiglu'), ...names('dynactglu')]);
    expect(perplexities[1]![1]).toMatch(/^4\d{3}$/);
    expect(perplexities[7]![6]).toMatch(/^\d{3}\.\d ±\d\.\d\d$/);
    expect(perplexities[8]![6]).toMatch(/^\d\.\d{3}$/);

    const paired = tableUnder(html, 'Paired differences');
    expect(paired.length).toBe(1 + comparison.paired.length);
    expect(paired.at(-1)!.slice(0, 4)).toEqual([
      'dynactglu - swiglu',
      '2000',
      '6',
      expect.stringMatching(/^−0\.0\d{3}$/),
    ]);

    expect(tableUnder(html, 'Variants').slice(1)).toEqual([
      ['swiglu', '4,253,440', '25.50 M', '2,630', '6 of 6'],
      ['dynactglu', '4,253,442', '25.50 M', '–', '6 of 6'],
    ]);
  });

  test('makes the best mean bold, and none of a tie', async () => {
    // At step 0 both are equal.
    expect(boldCells(await renderReport(exampleComparison()))).toEqual({
      'dynactglu mean': [false, true, true, true, true, true],
    });
    expect(boldCells(await renderReport(exampleComparison({ metric: accuracy, gain: -0.1 })))).toMatchObject({
      'swiglu mean': [false, true, true, true, true, true],
    });
  });

  test('tells another metric in its own words: accuracy in per cent and points', async () => {
    const html = await renderReport(exampleComparison({ metric: accuracy, gain: 0.1 }));
    expect(tableUnder(html, 'Validation accuracy at the evaluation steps')[7]![6]).toMatch(/^6\d\.\d\d ±0\.\d\d$/);
    const paired = tableUnder(html, 'Paired differences');
    expect(paired[0]).toEqual(['accuracy difference (points)', 'step', 'seeds', 'mean', '95 % interval', 'p']);
    expect(paired.at(-1)![3]).toMatch(/^0\.6\d{3}$/);
    expect(html).toMatch(/Higher is better.*has 0\.6\d points higher accuracy than swiglu|has 0\.6.*Higher is better/s);
    expect(html).not.toMatch(/perplexity|loss|nats/);
  });

  test('shows diverged runs, and lets the rest of them win no column', async () => {
    const html = await renderReport(exampleComparison({ gain: 0.3, diverged: ['dynactglu/1'] }));
    const rows = tableUnder(html, 'Validation perplexity at the evaluation steps');
    const row = (name: string) => rows.find(([head]) => head === name)!;
    expect(row('dynactglu mean').at(-1)).toMatch(/ \(5 of 6\)$/);
    expect(row('dynactglu seed 1 (diverged)').at(-1)).toBe('–');
    expect(row('swiglu mean').join()).not.toContain('of 6');
    expect(boldCells(html)).toEqual({
      'swiglu mean': [false, false, false, true, true, true],
      'dynactglu mean': [false, true, true, false, false, false],
    });
    expect(tableUnder(html, 'Variants')[2]!.at(-1)).toBe('5 of 6');
    expect(html).toContain('Diverged runs: 1 of dynactglu.');
  });

  test('says "too few seeds to conclude" for one seed, and shows no deviation', async () => {
    const html = await renderReport(exampleComparison({ seeds: [7] }));
    expect(html).toContain('seed 7 ·');
    expect(html).toContain('too few seeds to conclude');
    expect(tableUnder(html, 'Validation perplexity at the evaluation steps').join()).not.toContain('±');
    expect(tableUnder(html, 'Paired differences')[1]!.slice(4, 6)).toEqual(['–', '1.000']);
  });

  test('shows steps without any loss as a dash', async () => {
    const html = await renderReport(exampleComparison({ seeds: [0], diverged: ['dynactglu/0'] }));
    expect(tableUnder(html, 'Validation perplexity at the evaluation steps').at(-2)!.at(-1)).toBe('–');
    expect(tableUnder(html, 'Paired differences').at(-1)!.slice(2)).toEqual(['0', '–', '–', '–', '–']);
    expect(html).toContain('have no seed with a value on both sides');
  });

  test('has nothing to compare with one variant', async () => {
    expect(await renderReport(exampleComparison({ names: ['swiglu'] }))).toContain('One variant: nothing to compare.');
  });

  test('shows what the first run of every variant wrote, as one line of text', async () => {
    const record = (step: number, text: string) => ({ kind: 'sample', step, prompt: 'Emma', text }) as const;
    const samples = [
      { variant: 'swiglu', seed: 3, records: [record(0, ' \u0015x<b>\n\nof'), record(1500, ' was\tglad.')] },
      { variant: 'swiglu', seed: 4, records: [record(0, ' of another seed')] },
      { variant: 'dynactglu', seed: 3, records: [] },
    ];
    const html = await renderReport(exampleComparison(), { samples });
    expect(tableUnder(html, 'What the models wrote')).toEqual([
      ['step', 'swiglu, seed 3'],
      ['0', 'Emma x&#60;b&#62; of'],
      ['1,500', 'Emma was glad.'],
    ]);
    expect(html).not.toContain('of another seed');
    expect(await renderReport(exampleComparison())).not.toContain('What the models wrote');
  });

  test('says how it was made, and every setting', async () => {
    const facts = [
      ['command', 'dynact compare --out "a <b>"'],
      ['machine', 'a CPU, 2 cores'],
    ] as const;
    const html = await renderReport(exampleComparison(), { facts, configuration: { seeds: [0], name: '</pre><b>' } });
    expect(tableUnder(html, 'How this was made').slice(1)).toEqual([
      ['command', 'dynact compare --out &#34;a &#60;b&#62;&#34;'],
      ['machine', 'a CPU, 2 cores'],
    ]);
    expect(html).toMatch(/<summary>Every setting<\/summary><pre>\{\n {2}&#34;seeds&#34;: \[\n {4}0/);
    expect(html).not.toContain('<b>');
    expect(await renderReport(exampleComparison())).not.toContain('How this was made');
  });

  test('escapes names and the data set', async () => {
    const name = '<script>alert("x")</script>&\'';
    const html = await renderReport({ ...exampleComparison({ names: ['plain', name] }), dataset: '</title><b>' });
    expect(html).not.toMatch(/<script|<b>/);
    expect(html).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;&#38;&#39;');
  });
});
