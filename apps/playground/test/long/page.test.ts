import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isSkipped } from '../../../../test/support/browser.ts';
import { fill, press, problem, reaches, Site, shortText } from '../support/site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Findings of axe-core, as lines. */
async function complaints(page: Page): Promise<string[]> {
  // Playwright's own evaluation is not bound by the page's policy.
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const found = await (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run();
    return found.violations;
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

const step = (page: Page) => page.locator('.facts dd').first().textContent();

describe.skipIf(isSkipped)('the page', () => {
  let site: Site;
  let page: Page;

  beforeAll(async () => {
    site = await Site.start();
    page = await site.open('', 400);
    await fill(page, { size: 'tiny', text: shortText, steps: '60' });
  });

  afterEach(() => expect(site.strangers).toEqual([]));
  afterAll(() => site?.close());

  test('pauses, goes one step on, and begins anew', async () => {
    await press(page, 'train');
    await expect.poll(() => step(page)).toMatch(/^([3-9]|\d\d) of 60$/);
    await press(page, 'pause');
    await reaches(page, 'paused');
    const paused = Number.parseInt((await step(page))!, 10);
    await page.waitForTimeout(500);
    const stopped = Number.parseInt((await step(page))!, 10);
    // A step that was under way when pause was pressed is counted.
    expect(stopped - paused).toBeLessThanOrEqual(1);
    await press(page, 'one step');
    await expect.poll(() => step(page)).toBe(`${stopped + 1} of 60`);
    await press(page, 'reset');
    await reaches(page, 'ready');
    expect(await step(page)).toBe('0 of 60');
  });

  test('writes with the model that it has, and shows where each head looks', async () => {
    await fill(page, { prompt: 'the dog', temperature: '0' });
    await press(page, 'write');
    await expect.poll(() => page.locator('.sample').textContent()).toMatch(/^the dog.{20}/s);
    await expect.poll(() => page.locator('.heads canvas').count()).toBe(2);
    expect(await page.locator('.heads canvas').first().getAttribute('aria-label')).toMatch(/^head 0: the last token/);
  });

  test('is one column at 400 pixels, and axe finds nothing', async () => {
    const { width, scroll } = await page.evaluate(() => ({
      width: document.documentElement.clientWidth,
      scroll: document.documentElement.scrollWidth,
    }));
    expect(scroll).toBeLessThanOrEqual(width);
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await complaints(page)).toEqual([]);
    const activations = await site.open('activations.html', 400);
    await activations.waitForSelector('path.value');
    expect(await complaints(activations)).toEqual([]);
    await activations.close();
  });

  test.each([
    ['an empty text', { text: '  \n ' }, /^the text is empty/],
    [
      'a text shorter than a window',
      { text: 'too short' },
      /^the training split has \d+ tokens, fewer than one window/,
    ],
    ['steps of zero', { text: shortText, steps: '0' }, /training\.steps/],
    ['a learning rate of nothing', { steps: '60', 'learning-rate': '' }, /learningRate/],
    ['an empty prompt', { 'learning-rate': '0.01', prompt: '' }, /sample\.prompt/],
  ])('says in one sentence what is wrong with %s', async (_, form, message) => {
    await fill(page, form);
    await press(page, 'train');
    await expect.poll(() => problem(page)).toMatch(message);
    expect(await problem(page)).not.toMatch(/something went wrong|\n/);
    await reaches(page, 'stopped');
  });

  test('says what is wrong with a folder that is no run', async () => {
    const path = site.write('config.json', '{ "a": 1 }');
    await page.locator('#folder').evaluate((input) => input.removeAttribute('webkitdirectory'));
    await page.locator('#folder').setInputFiles(path);
    await expect.poll(() => problem(page)).toMatch(/^config\.json: .*choose the folder of a run/);
  });
});

test.skipIf(isSkipped)('a browser without WebGL is told so in one sentence', async () => {
  const site = await Site.start('--use-gl=disabled');
  try {
    const page = await site.open();
    await expect.poll(() => problem(page)).toMatch(/^this browser has no WebGL, with which this page trains: turn on/);
  } finally {
    await site.close();
  }
});
