import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSkipped, launch } from '../../../../test/support/browser.ts';
import { serveFolder } from '../../../../test/support/static-server.ts';
import { Workbench } from '../support/workbench.ts';

const bench = new Workbench();
const prompt = 'the old dog';

describe.skipIf(isSkipped)('a page that was exported', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  test.each(['swiglu', 'dynactglu'])(
    'writes the greedy tokens of `dynact sample` by itself: %s',
    async (kind) => {
      const run = bench.path(kind);
      const settings = bench.tiny({ 'model.feedForward.kind': kind, 'training.optimizer.learningRate': 0.01 });
      expect((await bench.run('train', ...settings, '--out', run)).status).toBe(0);
      const folder = bench.path(`${kind}-web`);
      const exported = await bench.run('export', run, '--format', 'web', '--out', folder);
      expect(exported.stderr).toBe('');
      expect(exported.status).toBe(0);
      const bytes = (name: string) => statSync(join(folder, name)).size;
      const beside = readdirSync(folder).filter((name) => name !== 'model.onnx');
      expect(beside.sort()).toEqual(['index.html', 'model.json', 'ort-wasm-simd-threaded.wasm', 'page.js']);
      expect(beside.reduce((sum, name) => sum + bytes(name), 0)).toBeLessThan(15e6);
      // 16 tokens of context: the text goes beyond it, where the cache no longer holds.
      const greedy = ['--prompt', prompt, '--temperature', '0', '--max-tokens', '32', '--json'];
      const sampled = JSON.parse((await bench.run('sample', run, ...greedy)).stdout);

      const { address, server } = await serveFolder(folder);
      const page = await browser.newPage();
      const strangers: string[] = [];
      const problems: string[] = [];
      page.on('request', (request) => {
        if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(address)) strangers.push(request.url());
      });
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      await page.goto(address);
      const button = page.getByRole('button', { name: 'write' });
      await expect.poll(() => button.isEnabled(), { timeout: 30_000 }).toBe(true);
      // From here on there is no network at all.
      server.close();
      server.closeAllConnections();
      await page.context().setOffline(true);
      await page.locator('#prompt').fill(prompt);
      await page.locator('#tokens').fill('32');
      await page.locator('#temperature').fill('0');
      await button.click();
      await expect.poll(() => page.locator('#text').getAttribute('data-done'), { timeout: 30_000 }).not.toBeNull();
      expect(await page.locator('#text').textContent()).toBe(`${prompt}${sampled.text}`);

      const token = page.locator('#text span').first();
      // So little training writes line breaks, which have no place to point at.
      await token.dispatchEvent('mouseenter');
      const cells = await page.locator('#likely td').allTextContents();
      expect(cells).toHaveLength(12);
      const shares = cells.filter((_, index) => index % 2 === 1).map(Number.parseFloat);
      expect(shares).toEqual(shares.toSorted((a, b) => b - a));
      // Greedy: the token that came is the likeliest.
      expect(JSON.parse(cells[0]!)).toBe(await token.textContent());
      expect([strangers, problems]).toEqual([[], []]);
      await page.close();
    },
    400_000,
  );
});
