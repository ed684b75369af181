/** `pnpm --filter @dynact/playground screenshots [folder]`: pictures of the page while it trains, wide and narrow. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fill, press, reaches, Site } from '../test/support/site.ts';

const folder = resolve(process.argv[2] ?? '.');
mkdirSync(folder, { recursive: true });
const site = await Site.start();
try {
  for (const width of [1280, 400]) {
    const page = await site.open('', width);
    await fill(page, { size: 'tiny', gate: 'dynactglu', rival: 'swiglu', steps: '60' });
    await press(page, 'train');
    await reaches(page, 'all steps are done', 300_000);
    await press(page, 'write');
    await page.waitForTimeout(5000);
    await page.screenshot({ path: join(folder, `playground-${width}.png`), fullPage: true });
    await page.goto(`${site.served.address}activations.html`);
    await page.waitForSelector('path.value');
    await page.screenshot({ path: join(folder, `activations-${width}.png`), fullPage: true });
    await page.close();
  }
} finally {
  await site.close();
}
