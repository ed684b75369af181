import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, press, reaches, Site } from '../test/support/site.ts';

let site: Site;

beforeAll(async () => {
  site = await Site.start();
});

afterAll(() => site?.close());

const fact = async (page: Page, name: string) =>
  Number(
    await page
      .locator(`.facts div:has(dt:text-is("${name}")) dd`)
      .first()
      .textContent()
      .then((text) => text?.replaceAll(',', '')),
  );

test.each(['swiglu', 'dynactglu'])('200 steps of %s fall below the unigrams', async (gate) => {
  const page = await site.open();
  await fill(page, { size: 'tiny', gate, steps: '200' });
  await press(page, 'train');
  await reaches(page, 'all steps are done', 1_000_000);
  const unigrams = await fact(page, "unigrams' loss");
  console.log(`${gate}: ${await fact(page, 'over the whole split')} nats, unigrams ${unigrams}`);
  expect(await fact(page, 'over the whole split')).toBeLessThan(unigrams);
  expect(await fact(page, 'training loss')).toBeLessThan(unigrams);
  await page.close();
});

test('memory stays as it is over 500 steps', async () => {
  const page = await site.open();
  await fill(page, { size: 'tiny', steps: '520', text: 'a dog and a cat and a bird. '.repeat(200) });
  const memory = page.locator('.facts div:has(dt:text-is("memory")) dd');
  await press(page, 'train');
  // Beside the model's own tensors, evaluations make tables of their length once.
  await expect.poll(() => memory.textContent(), { timeout: 300_000 }).toMatch(/MB/);
  const early = await memory.textContent();
  await reaches(page, 'all steps are done', 1_000_000);
  expect(await memory.textContent()).toBe(early);
  await page.close();
});
