import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSkipped, launch } from '../../../test/support/browser.ts';
import { type Dashboard, startDashboard } from '../src/index.ts';
import { figure } from '../src/page/format.ts';
import { exampleRecords, writeExampleComparison, writeExampleRun } from './support/example-runs.ts';

const hostile = '<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1<／script>';

describe.skipIf(isSkipped)('the page in headless Chromium (`pnpm setup:system` installs it)', () => {
  let browser: Browser;
  let dashboard: Dashboard;
  let folder: string;
  const views = {
    overview: '#',
    run: '#run?ids=0/under-way',
    comparison: '#comparison?ids=0/gates',
    overlay: '#overlay?ids=0/under-way|0/gates/swiglu-seed-0&smoothing=0.9',
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dynact-test-'));
    writeExampleComparison(join(folder, 'gates'), { steps: 200, seeds: [0, 1, 2], variants: ['swiglu', 'dynactglu'] });
    writeExampleRun(join(folder, 'under-way'), { steps: 400, seed: 3, kind: 'dynactglu', until: 100 });
    writeExampleRun(join(folder, hostile), { steps: 40, seed: 4, kind: 'swiglu' });
    appendFileSync(
      join(folder, hostile, 'metrics.jsonl'),
      `${JSON.stringify({ kind: 'sample', step: 40, prompt: hostile, text: hostile })}\n`,
    );
    dashboard = await startDashboard({ folders: [folder], port: 0 });
    browser = await launch();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await dashboard?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(hash: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const page = await browser.newPage(options);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${dashboard.address}${hash}`);
    await page.locator('h1').waitFor({ state: 'attached' });
    if (hash !== '#') await page.locator('figure').first().waitFor();
    expect(errors).toEqual([]);
    return page;
  }

  /** The values that the table behind a chart shows, by step. */
  async function tableOf(page: Page, title: string): Promise<Map<string, string[]>> {
    const figure = page.getByRole('figure', { name: title, exact: true });
    const details = figure.locator('details');
    if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
    // Its rows are rendered once the browser says that it was opened, which is after the click.
    await details.locator('table').waitFor();
    const rows = await details
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent ?? '')),
      );
    return new Map(rows.map(([step = '', ...values]) => [step, values]));
  }

  describe.each(['light', 'dark'] as const)('on %s ground', { concurrent: true }, (colorScheme) => {
    test.each(Object.entries(views))('axe-core finds nothing in the view %s', async (_, hash) => {
      const page = await open(hash, { colorScheme });
      await page.evaluate(() => {
        for (const each of document.querySelectorAll('details')) each.open = true;
      });
      await page.waitForFunction(() => document.querySelector('figure details:not(:has(table))') === null);
      await page.evaluate(axe.source);
      const found = await page.evaluate(async (isLight) => {
        const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(
          // The ground changes colors alone.
          isLight ? {} : { runOnly: ['color-contrast'] },
        );
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
      }, colorScheme === 'light');
      expect(found).toEqual([]);
      await page.close();
    });
  });

  test('shows text of runs as text', async () => {
    const page = await open(`#run?${new URLSearchParams({ ids: `0/${hostile}` })}`);
    expect(await page.locator('h1').textContent()).toBe(hostile);
    await page.getByText(hostile).nth(1).waitFor();
    await page.goto(`${dashboard.address}#`);
    await page.getByRole('link', { name: hostile }).waitFor();
    expect(await page.evaluate(() => 'harmed' in globalThis)).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
    await page.close();
  });

  test('works from the keyboard: a run is chosen, the cursor moved, a part zoomed to and left, the table reached', async () => {
    const page = await open('#');
    await page.getByLabel('choose gates/swiglu-seed-0').focus();
    await page.keyboard.press('Space');
    await page.getByRole('link', { name: 'overlay 1 run' }).focus();
    await page.keyboard.press('Enter');
    const slider = page.getByRole('slider', { name: /Cursor of validation perplexity/ });
    await slider.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^step 0: gates\/swiglu-seed-0 \d/);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^step 10: /);
    await page.keyboard.press('+');
    await expect.poll(() => new URL(page.url()).hash).toMatch(/zoom=5%7E105/);
    await page.keyboard.press('Escape');
    await expect.poll(() => new URL(page.url()).hash).not.toContain('zoom');
    const summary = page.locator('summary', { hasText: 'Table of validation perplexity' });
    await summary.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Values of validation perplexity' }).waitFor();
    await page.close();
  });

  test('zooms by dragging on every chart, shows all again on a double click, and a link keeps the state', async () => {
    const page = await open(`${views.overlay}&x=tokens`);
    const plot = page.locator('.u-over').first();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + 0.25 * box.width, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.75 * box.width, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => new URL(page.url()).hash).toMatch(/zoom=/);
    const other = await browser.newPage();
    await other.goto(page.url());
    await other.getByRole('button', { name: 'show all' }).waitFor();
    expect(await other.locator('select').first().inputValue()).toBe('tokens');
    expect(await other.locator('output').textContent()).toBe('0.900');
    await plot.dblclick();
    await expect.poll(() => new URL(page.url()).hash).not.toMatch(/zoom=/);
    await other.close();
    await page.close();
  });

  test('moves the cursor of all charts together, and hands out a chart as CSV and PNG', async () => {
    const page = await open(views.run);
    const plot = page.locator('.u-over').first();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 40);
    const [drawn, cursors] = [page.locator('.uplot'), page.locator('.legend .at')];
    await expect.poll(() => drawn.count()).toBeGreaterThan(1);
    await expect.poll(async () => (await cursors.count()) - (await drawn.count())).toBe(0);
    expect(new Set(await page.locator('.legend .at').allTextContents()).size).toBe(1);
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'validation perplexity as CSV' }).click(),
    ]);
    const lines = readFileSync((await csv.path())!, 'utf8')
      .trimEnd()
      .split('\n');
    const evaluations = [...exampleRecords({ steps: 400, seed: 3, kind: 'dynactglu', until: 100 })].filter(
      (record) => record.kind === 'evaluation',
    );
    expect(lines).toEqual([
      'line,step,step,value,low,high',
      ...evaluations.map(({ step, metrics }) => `validation perplexity,${step},${step},${metrics.perplexity},,`),
    ]);
    const [png] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'validation perplexity as PNG' }).click(),
    ]);
    expect(
      readFileSync((await png.path())!)
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    // Also of a chart that was never in sight, as a reader of the page without a screen asks for it.
    const far = page.getByRole('button', { name: 'beta by layer as PNG' });
    const picture = async () => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        far.evaluate((button: HTMLElement) => button.click()),
      ]);
      return readFileSync((await file.path())!);
    };
    const chart = page.getByRole('figure', { name: 'beta by layer' });
    expect(await chart.locator('.uplot').count()).toBe(0);
    const unseen = await picture();
    await chart.scrollIntoViewIfNeeded();
    expect(unseen.equals(await picture())).toBe(true);
    await page.close();
  });

  test('draws the charts in sight alone; one that is scrolled to shows what came while it was out of sight', async () => {
    const path = join(folder, 'far', 'metrics.jsonl');
    const whole = { steps: 400, seed: 7, kind: 'dynactglu', evaluateEvery: 50 };
    writeExampleRun(join(folder, 'far'), { ...whole, until: 100 });
    const page = await open('#run?ids=0/far');
    const chart = page.getByRole('figure', { name: 'beta by layer' });
    const [plot, values] = [chart.locator('.uplot'), chart.locator('.legend b')];
    const height = async () => (await chart.locator('.plot').boundingBox())!.height;
    /** Values of the legend once a run has come to a step: the last one of each layer. */
    const valuesAt = (step: number) =>
      [...exampleRecords({ ...whole, until: step })].flatMap((record) =>
        record.kind === 'activation' && record.step === step && record.name === 'beta'
          ? [figure(Number(record.value))]
          : [],
      );
    const goOn = async (from: number, until: number) => {
      const news = [...exampleRecords({ ...whole, until })].filter(({ step }) => step > from);
      appendFileSync(path, news.map((record) => `${JSON.stringify(record)}\n`).join(''));
      await page.getByText(`step ${until} of 400`).waitFor();
    };
    await page.locator('.uplot').first().waitFor();
    await goOn(100, 250);
    expect([await plot.count(), await values.count()]).toEqual([0, 0]);
    const before = await height();
    await chart.scrollIntoViewIfNeeded();
    await plot.waitFor();
    await expect.poll(() => values.allTextContents()).toEqual(valuesAt(250));
    expect(await height()).toBe(before);
    await page.locator('h1').scrollIntoViewIfNeeded();
    // The browser says that the chart is out of sight after the frame that scrolls.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await goOn(250, 300);
    expect(await values.allTextContents()).toEqual(valuesAt(250));
    await chart.scrollIntoViewIfNeeded();
    await expect.poll(() => values.allTextContents()).toEqual(valuesAt(300));
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await expect.poll(() => page.locator('.uplot').count()).toBe(await page.locator('figure').count());
    await page.close();
  });

  test('shows what comes without a reload; a resume that cuts the log back leaves no zigzag', async () => {
    const path = join(folder, 'growing', 'metrics.jsonl');
    const whole = { steps: 400, seed: 5, kind: 'swiglu', evaluateEvery: 50 };
    writeExampleRun(join(folder, 'growing'), { ...whole, until: 100 });
    const page = await open('#run?ids=0/growing');
    const steps = async () => [...(await tableOf(page, 'validation perplexity')).keys()];
    await expect.poll(steps).toEqual(['0', '50', '100']);
    const later = [...exampleRecords({ ...whole, until: 250 })].filter(({ step }) => step > 100);
    appendFileSync(path, later.map((record) => `${JSON.stringify(record)}\n`).join(''));
    await expect.poll(steps, { timeout: 10_000 }).toEqual(['0', '50', '100', '150', '200', '250']);
    // Another process goes on from the checkpoint of step 120, with other values from there.
    const before = [...exampleRecords({ ...whole, until: 120 })];
    const after = [...exampleRecords({ ...whole, seed: 6, until: 150 })].filter(({ step }) => step > 120);
    writeFileSync(`${path}.new`, [...before, ...after].map((record) => `${JSON.stringify(record)}\n`).join(''));
    renameSync(`${path}.new`, path);
    await expect.poll(steps, { timeout: 10_000 }).toEqual(['0', '50', '100', '150']);
    const losses = await tableOf(page, 'loss (nats per token)');
    const shown = [...losses.keys()].map((step) => Number(step.replaceAll(',', '')));
    expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
    expect(Math.max(...shown)).toBe(150);
    await page.close();
  });
});
