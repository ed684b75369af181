import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSkipped, launch } from '../../../../test/support/browser.ts';
import { allChecks } from '../support/checks.ts';
import { bundle, type Served, serve } from '../support/serve.ts';

describe.skipIf(isSkipped)('in headless Chromium (`pnpm setup:system` installs it)', () => {
  let browser: Browser;
  const servers: Served[] = [];

  beforeAll(async () => {
    browser = await launch();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    for (const { server } of servers) server.close();
  });

  async function open(served: Served): Promise<Page> {
    servers.push(served);
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`page: ${error.message}`));
    await page.goto(served.address);
    return page;
  }

  describe('every activation against float64', () => {
    let page: Page;

    beforeAll(async () => {
      const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
      const binaries = ['', '-simd', '-threaded-simd'].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
      const files = await Promise.all(
        binaries.map(async (name) => {
          return [`/wasm/${name}`, { type: 'application/wasm', body: await readFile(join(wasm, name)) }] as const;
        }),
      );
      page = await open(
        await serve({
          '/': { type: 'text/html', body: '<!doctype html><script type="module" src="test.js"></script>' },
          '/test.js': { type: 'text/javascript', body: await bundle('test/browser/backends.ts') },
          ...Object.fromEntries(files),
        }),
      );
      await page.waitForFunction('globalThis.checkBackend !== undefined');
    }, 60_000);

    test.each([
      ['cpu', { value: 2e-6, gradient: 1e-3 }],
      ['wasm', { value: 2e-6, gradient: 1e-3 }],
      ['webgl', { value: 1e-4, gradient: 1e-3 }],
    ])(
      'on %s within %j',
      async (backend, tolerance) => {
        const { checks, failures } = await page.evaluate(
          ([backend, tolerance]) => globalThis.checkBackend(backend, tolerance),
          [backend, tolerance] as const,
        );
        expect(failures).toEqual([]);
        expect(checks).toBe(allChecks().length);
      },
      120_000,
    );
  });
});
