import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSkipped } from '../../../../test/support/browser.ts';
import { Site } from '../support/site.ts';

describe.skipIf(isSkipped)('the page of activations', () => {
  let site: Site;
  let page: Page;

  beforeAll(async () => {
    site = await Site.start();
    page = await site.open('activations.html');
    await page.waitForSelector('path.value');
  });

  afterAll(() => site?.close());

  const shown = (id: string) => page.locator(`output[for="${id}"]`).textContent().then(Number);

  /** Clicks on a slider where `value` lies on it. */
  async function click(id: string, value: number): Promise<void> {
    const box = (await page.locator(`#${id}`).boundingBox())!;
    // The middle of the thumb moves between half its width (8 px) from either end.
    const thumb = 16;
    const share = (value + 2) / 5;
    await page.mouse.click(box.x + thumb / 2 + share * (box.width - thumb), box.y + box.height / 2);
  }

  /** Largest distance in y between the drawn curve and f, read back from the picture's own axes. */
  async function distance(f: (x: number) => number, line = 'value'): Promise<number> {
    const drawn = (await page.locator(`path.${line}`).getAttribute('d'))!;
    const points = drawn
      .split(/[ML]/)
      .filter(Boolean)
      .map((pair) => pair.split(' ').map(Number) as [number, number]);
    expect(points.length).toBeGreaterThan(80);
    const toX = (pixel: number) => -5 + (10 * (pixel - 34)) / (720 - 34 - 12);
    const toY = (pixel: number) => -3 + (9 * (420 - 40 - pixel)) / (420 - 40 - 30);
    return Math.max(...points.map(([x, y]) => Math.abs(toY(y) - f(toX(x)))));
  }

  const silu = (x: number) => x / (1 + Math.exp(-x));
  const dyn = (alpha: number, beta: number) => (x: number) => silu(x) * (alpha - beta) + beta * x;

  test('starts as SiLU', async () => {
    expect([await shown('alpha'), await shown('beta')]).toEqual([1, 0]);
    expect(await distance(silu)).toBeLessThan(0.01);
  });

  test('follows alpha and beta where they are clicked to', async () => {
    await click('alpha', 0.5);
    await click('beta', -0.4);
    const [alpha, beta] = [await shown('alpha'), await shown('beta')];
    expect(Math.abs(alpha - 0.5)).toBeLessThanOrEqual(0.05);
    expect(Math.abs(beta + 0.4)).toBeLessThanOrEqual(0.05);
    await expect.poll(() => distance(dyn(alpha, beta))).toBeLessThan(0.01);
    const slope = (x: number) => (dyn(alpha, beta)(x + 1e-4) - dyn(alpha, beta)(x - 1e-4)) / 2e-4;
    expect(await distance(slope, 'derivative')).toBeLessThan(0.01);
  });

  test('follows the keyboard', async () => {
    const before = await shown('beta');
    await page.locator('#beta').press('ArrowRight');
    await expect.poll(() => shown('beta')).toBeCloseTo(before + 0.05, 5);
    await expect.poll(async () => distance(dyn(await shown('alpha'), await shown('beta')))).toBeLessThan(0.01);
  });

  test('shows the identity and the base when asked', async () => {
    await page.getByRole('button', { name: 'the identity' }).click();
    await expect.poll(() => distance((x) => x)).toBeLessThan(0.01);
    await page.getByRole('button', { name: 'the base' }).click();
    await expect.poll(() => distance(silu)).toBeLessThan(0.01);
    await page.locator('#base').selectOption('relu');
    await expect.poll(() => distance((x) => Math.max(0, x))).toBeLessThan(0.01);
  });

  test('draws every activation, and says what is wrong with a parameter out of range', async () => {
    for (const { value, text } of await page
      .locator('#activation option')
      .evaluateAll((options) => (options as HTMLOptionElement[]).map(({ value, text }) => ({ value, text })))) {
      await page.locator('#activation').selectOption(value);
      await expect
        .poll(() => page.locator('#chart svg').getAttribute('aria-label'))
        .toBe(`${text}: value and derivative`);
      expect(await page.locator('path.value').getAttribute('d'), text).toMatch(/^M[\d.]+ [\d.]+L/);
      expect(await page.locator('#problem').textContent(), text).toBe('');
    }
    await page.locator('#activation').selectOption('apalu');
    await click('b', -1);
    await expect.poll(() => page.locator('#problem').textContent()).toContain('apalu: b is');
    expect(await page.locator('#problem').textContent()).toContain('it must be a finite number > 0');
  });
});
