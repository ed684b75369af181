import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRunFolder } from '@dynact/runs';
import { longerConfig, parseRecordedConfig } from '@dynact/training/learning';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSkipped } from '../../../../test/support/browser.ts';
import { largestRelativeDifference, trainInNode } from '../support/reference.ts';
import { fill, press, reaches, Site, shortText } from '../support/site.ts';

const trainer = fileURLToPath(import.meta.resolve('@dynact/trainer/main'));
/** Few in test:long; test:slow takes twenty. */
const steps = Number(process.env.PLAYGROUND_STEPS ?? 3);

describe.skipIf(isSkipped)('two gates trained by clicking', () => {
  let site: Site;
  let page: Page;
  /** Run folders that the page saved: dynactglu's and swiglu's. */
  let saved: string[];

  beforeAll(async () => {
    site = await Site.start();
    page = await site.open();
    await fill(page, {
      size: 'tiny',
      gate: 'dynactglu',
      rival: 'swiglu',
      text: shortText,
      steps: `${steps}`,
      seed: '7',
    });
    await press(page, 'train');
    await reaches(page, 'all steps are done', 500_000);
    saved = [await site.save(page, 0), await site.save(page, 1)];
  }, 600_000);

  afterAll(() => site?.close());

  const recorded = (folder: string) => {
    const run = readRunFolder(folder);
    const records = run.records();
    const losses = records.filter(({ kind }) => kind === 'train') as { loss: number }[];
    const first = records.find(({ kind }) => kind === 'evaluation') as { loss: number };
    const whole = records.find(({ kind }) => kind === 'whole-split') as { loss: number };
    const config = parseRecordedConfig(run.config.config, folder);
    const text = readFileSync(join(folder, 'text.txt'), 'utf8');
    return { run, records, config, text, losses: losses.map(({ loss }) => loss), first: first.loss, whole: whole.loss };
  };

  test.each([
    ['dynactglu', 0],
    ['swiglu', 1],
  ])('%s has the losses of Node’s cpu backend on webgl, and its validation loss on wasm', async (kind, model) => {
    const { run, config, text, losses, first, whole } = recorded(saved[model]!);
    expect(run.config.backend.name).toBe('webgl');
    expect(config.model.feedForward.kind).toBe(kind);
    const expected = await trainInNode(config, text, { steps });
    expect(largestRelativeDifference(losses, expected.losses)).toBeLessThan(1e-3);
    expect(Math.abs(first - expected.before)).toBeLessThan(1e-3);
    const evaluated = await trainInNode(config, text, { steps: 0, checkpoint: run.readCheckpoint() });
    expect(Math.abs(whole - evaluated.after) / evaluated.after).toBeLessThan(1e-4);
  });

  test('alpha and beta of each layer move with dynactglu, and swiglu has none', () => {
    const moved = recorded(saved[0]!).records.filter(({ kind }) => kind === 'activation');
    for (const layer of [0, 1]) {
      for (const [name, initial] of [
        ['alpha', 1],
        ['beta', 0],
      ] as const) {
        const values = moved.flatMap((record) =>
          record.kind === 'activation' && record.layer === layer && record.name === name
            ? [record.value as number]
            : [],
        );
        expect(Math.abs(values.at(-1)! - initial)).toBeGreaterThan(1e-4);
        expect(new Set(values).size).toBe(values.length);
      }
    }
    expect(recorded(saved[1]!).records.some(({ kind }) => kind === 'activation')).toBe(false);
  });

  test('both begin with the same loss, since dynactglu begins as swiglu', () => {
    expect(recorded(saved[0]!).losses[0]).toBeCloseTo(recorded(saved[1]!).losses[0]!, 5);
  });

  test('the trainer opens a saved model and finds the same validation loss', () => {
    const folder = saved[0]!;
    const evaluated = spawnSync(
      process.execPath,
      [
        ...nodeFlags,
        trainer,
        'evaluate',
        folder,
        '--data',
        join(folder, 'text.txt'),
        '--split',
        'validation',
        '--json',
      ],
      { encoding: 'utf8', env: { ...process.env, DYNACT_DATASETS: join(site.folder, 'datasets') } },
    );
    expect(evaluated.stderr).not.toMatch(/^error/m);
    const { loss, step } = JSON.parse(evaluated.stdout);
    expect(step).toBe(steps);
    expect(Math.abs(loss - recorded(folder).whole)).toBeLessThan(1e-4);
  });

  test('a run folder goes on training in the page as it does in Node', async () => {
    const folder = saved[0]!;
    const { run, config, text } = recorded(folder);
    const checkpoint = run.readCheckpoint();
    await page.locator('#folder').setInputFiles(folder);
    await reaches(page, 'paused');
    expect(await page.locator('.facts dd').first().textContent()).toBe(`${steps} of ${2 * steps}`);
    await press(page, 'one step');
    await expect.poll(() => page.locator('.facts dd').first().textContent()).toBe(`${steps + 1} of ${2 * steps}`);
    const longer = longerConfig(config, 2 * steps, 'keep');
    const expected = await trainInNode(longer, text, { steps: 1, checkpoint });
    const again = recorded(await site.save(page, 0));
    expect(again.losses).toHaveLength(steps + 1);
    expect(again.losses.at(-1)).toBeCloseTo(expected.losses[0]!, 3);
  });

  test('nothing left the origin of the page', () => {
    expect(site.strangers).toEqual([]);
  });
});

/** The sources of the workspace in a process of their own. */
const nodeFlags = ['--conditions=@dynact/source', '--import', 'tsx'];
