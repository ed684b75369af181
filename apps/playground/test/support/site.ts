import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../../../../test/support/browser.ts';
import { bundleSite } from '../../src/server/bundle.ts';
import { type Served, serve } from '../../src/server/serve.ts';

/** A few thousand characters, which are tokenized and evaluated at once. */
export const shortText = 'the young dog walked from the old house to the river and slept. '.repeat(80);

/** Values for the form, by the ids of its fields. */
type Form = Readonly<Record<string, string>>;

/** The site in a browser. */
export class Site {
  /** Requests that left the site's own origin: there must be none. */
  readonly strangers: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'dynact-playground-'));
  readonly browser: Browser;
  readonly served: Served;

  private constructor(browser: Browser, served: Served) {
    this.browser = browser;
    this.served = served;
  }

  static async start(...flags: string[]): Promise<Site> {
    const served = await serve(await bundleSite(), 0);
    return new Site(await launch(...flags), served);
  }

  /** A page that has got ready. */
  async open(path = '', width = 1200): Promise<Page> {
    const page = await this.browser.newPage({ viewport: { width, height: 900 } });
    page.setDefaultTimeout(120_000);
    page.on('pageerror', (error) => console.error(`page: ${error.message}`));
    page.on('request', (request) => {
      if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(this.served.address)) {
        this.strangers.push(request.url());
      }
    });
    await page.goto(`${this.served.address}${path}`);
    return page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.served.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Saves a model and unpacks it. @returns the run folder */
  async save(page: Page, model: number): Promise<string> {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'save as a run folder' }).nth(model).click();
    const saved = await download;
    const archive = join(this.folder, saved.suggestedFilename());
    await saved.saveAs(archive);
    const { status, stderr } = spawnSync('tar', ['xf', archive, '-C', this.folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tar: ${stderr}`);
    return archive.replace(/\.tar$/, '');
  }

  /** Writes a text file beside the saved runs. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }
}

export async function fill(page: Page, form: Form): Promise<void> {
  for (const [id, value] of Object.entries(form)) {
    const field = page.locator(`#${id}`);
    if ((await field.evaluate(({ tagName }) => tagName)) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
}

export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** Waits until the page says what it is at; also in hooks and in programs, where vitest's own waiting may not be used. */
export async function reaches(page: Page, status: string, timeout = 120_000): Promise<void> {
  const says = (status: string) => document.querySelector('#status')?.textContent === status;
  await page.waitForFunction(says, status, { timeout }).catch(async (error: unknown) => {
    throw new Error(`the page says "${await page.locator('#status').textContent()}", not "${status}"`, {
      cause: error,
    });
  });
}

export function problem(page: Page): Promise<string | null> {
  return page.locator('#problem').textContent();
}
