/**
 * `pnpm --filter @dynact/dashboard screenshots [folder]`: pictures of every view of example runs, 1280 and 400 pixels wide,
 * light and dark, into a folder; without one, those that README shows, into docs/images.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../../../test/support/browser.ts';
import { startDashboard } from '../src/index.ts';
import { writeExampleComparison, writeExampleRun } from '../test/support/example-runs.ts';

const images = fileURLToPath(new URL('../../../docs/images', import.meta.url));
const target = process.argv[2] === undefined ? images : resolve(process.argv[2]);
const ofReadme = ['comparison-1280-light', 'overview-1280-light', 'run-400-dark', 'overlay-400-light'];
const folder = mkdtempSync(join(tmpdir(), 'dynact-screenshots-'));
const runs = join(folder, 'runs');
writeExampleComparison(join(runs, 'gates'), {
  steps: 2000,
  seeds: [0, 1, 2, 3, 4, 5],
  variants: ['swiglu', 'dynactglu'],
});
writeExampleComparison(join(runs, 'under-way'), {
  steps: 2000,
  seeds: [0, 1],
  variants: ['swiglu', 'dynactglu', 'geglu'],
  until: 1200,
});
writeExampleRun(join(runs, 'train-001'), { steps: 4000, seed: 3, kind: 'dynactglu', until: 1500 });

const overlaid = [0, 1, 2]
  .flatMap((seed) => [`0/gates/swiglu-seed-${seed}`, `0/gates/dynactglu-seed-${seed}`])
  .join('|');
const views = {
  overview: '#',
  comparison: '#comparison?ids=0/gates',
  'comparison-under-way': '#comparison?ids=0/under-way&smoothing=0.98',
  run: '#run?ids=0/train-001&smoothing=0.95',
  overlay: `#overlay?ids=${overlaid}&x=tokens&smoothing=0.99`,
};

const dashboard = await startDashboard({ folders: [runs], port: 0 });
const browser = await launch();
try {
  mkdirSync(target, { recursive: true });
  for (const [width, height] of [
    [1280, 900],
    [400, 800],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      for (const [view, hash] of Object.entries(views)) {
        const name = `${view}-${width}-${colorScheme}`;
        if (target === images && !ofReadme.includes(name)) continue;
        await page.goto('about:blank');
        await page.goto(`${dashboard.address}${hash}`);
        await page.locator('h1').waitFor();
        if (view !== 'overview') await page.locator('figure').first().waitFor();
        await page.getByText(/^reading/).waitFor({ state: 'detached' });
        await page.waitForTimeout(500);
        const path = join(target, `live-page-${name}.png`);
        await page.screenshot({ path });
        console.log(path);
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
  await dashboard.close();
  rmSync(folder, { recursive: true, force: true });
}
