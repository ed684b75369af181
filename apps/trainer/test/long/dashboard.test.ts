import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparisonSchema, lastPaired, meanAndDeviation, studentQuantile, verdictSentence } from '@dynact/runs/records';
import { evaluationTable } from '@dynact/runs/report';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSkipped, launch } from '../../../../test/support/browser.ts';
import { ended, timelessRecords, Workbench } from '../support/workbench.ts';

const bench = new Workbench();
const patient = { timeout: 240_000, interval: 500 };

test.each([
  ['a folder that is not there', ['nowhere'], /nowhere does not exist; name a folder of runs/],
  ['a port that there is not', ['--port', '70000'], /--port 70000: ports go up to 65535/],
])(
  'refuses %s',
  async (_, options, message) => {
    const { status, stderr } = await bench.runHere('dashboard', ...options);
    expect([status, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(stderr).toMatch(message);
    // The first of a process loads every command.
  },
  120_000,
);

describe.skipIf(isSkipped)('a comparison beside the page (`pnpm setup:system` installs Chromium)', () => {
  const out = bench.path('runs/gates');
  const compare = ['compare', ...bench.tiny({ 'training.steps': 60 }), '--evaluate-at', '15,30,45', '--out', out];
  const folderOf = (run: string) => join(out, run);
  const isOver = () => existsSync(join(out, 'comparison.json'));
  let browser: Browser;
  let page: Page;
  let server: ChildProcess;

  beforeAll(async () => {
    execFileSync('mkdir', [bench.path('runs')]);
    server = bench.start(['dashboard', '--port', '0']);
    const [address] = await once(server.stdout!, 'data');
    browser = await launch();
    page = await browser.newPage();
    await page.goto(`${address}`.trim());
    await page.getByText('There are no runs here yet.').waitFor();
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    server?.kill('SIGTERM');
  });

  /** Cells of the table of evaluations. */
  function shownTable(): Promise<string[][]> {
    return page
      .getByRole('region', { name: 'Evaluations' })
      .locator('tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => (cell.textContent ?? '').trim())));
  }

  test('points come without a reload; killed and called again, it ends with the numbers of the statistics', async () => {
    const first = bench.start(compare);
    await page.getByRole('link', { name: 'gates', exact: true }).click(patient);
    await expect.poll(async () => (await shownTable()).length, patient).toBeGreaterThan(0);
    await expect.poll(() => existsSync(join(folderOf('swiglu-seed-1'), 'metrics.jsonl')), patient).toBe(true);
    first.kill('SIGKILL');
    await ended(first);
    expect(isOver()).toBe(false);
    expect(await page.getByText('So far:').count()).toBe(1);
    const { status, stderr } = await bench.run(...compare);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/^to watch it: dynact dashboard$/m);

    const comparison = comparisonSchema.parse(JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')));
    const sentences = lastPaired(comparison).map((result) => verdictSentence(comparison, result));
    await page.getByText('So far:').waitFor({ state: 'detached', timeout: 60_000 });
    expect(await page.getByRole('region', { name: 'Verdict' }).locator('p').allTextContents()).toEqual(sentences);
    const table = evaluationTable(comparison).rows.map(({ cells }) => cells.map(({ text }) => text));
    expect(await shownTable()).toEqual(table);
    expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'validation perplexity as CSV' }).click(),
    ]);
    const rows = readFileSync((await download.path())!, 'utf8')
      .trimEnd()
      .split('\n')
      .map((row) => row.split(','));
    for (const { name, runs } of comparison.variants) {
      const shown = rows.filter(([line]) => line === `${name} mean`).map(([, step, , ...values]) => [step, ...values]);
      const expected = [0, ...comparison.evaluationSteps].map((step) => {
        const values = runs.map((run) => run.evaluations.find((point) => point.step === step)!.metrics.perplexity!);
        const { mean, deviation } = meanAndDeviation(values)!;
        const half = (studentQuantile(0.975, values.length - 1) * deviation!) / Math.sqrt(values.length);
        return [step, mean, mean - half, mean + half].map(String);
      });
      expect(shown).toEqual(expected);
    }
  }, 600_000);

  test('the resumed run has every step once, in order', async () => {
    const figure = page.getByRole('figure', { name: 'train loss', exact: true });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      figure.getByRole('button', { name: 'train loss as CSV' }).click(),
    ]);
    const rows = readFileSync((await download.path())!, 'utf8')
      .trimEnd()
      .split('\n')
      .map((row) => row.split(','));
    for (const run of ['swiglu seed 0', 'swiglu seed 1', 'dynactglu seed 0', 'dynactglu seed 1']) {
      const records = timelessRecords(folderOf(run.replaceAll(' ', '-'))) as {
        kind: string;
        step: number;
        loss: number;
      }[];
      const losses = records.filter(({ kind }) => kind === 'train').map(({ step, loss }) => [`${step}`, `${loss}`]);
      expect(rows.filter(([line]) => line === run).map(([, step, , value]) => [step, value])).toEqual(losses);
    }
  });
});
