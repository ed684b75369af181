import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparisonSchema } from '@dynact/runs/records';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { learnedParameters } from '../src/learned-activations.ts';
import { createProgram } from '../src/program.ts';
import { studies } from '../src/studies.ts';
import type { Study } from '../src/study.ts';

const run = (study: Study, out: string) =>
  study.run({ out, size: 'quick', set: [], jobs: 0, signal: new AbortController().signal });

const keep = (study: string, from: string, page: string) => {
  const said = ['--command', 'typed', '--date', '2026-11-27', '--machine', 'two cores'];
  const args = ['results', '--keep', study, '--from', from, '--to', join(from, 'pages'), '--page', page, ...said];
  return createProgram().parseAsync(args, { from: 'user' });
};

test.each(studies.map((study) => [study.name, study] as const))('%s --quick', async (_, study) => {
  const out = temporaryFolder();
  const { DYNACT_DATASETS: before } = process.env;
  process.env.DYNACT_DATASETS = join(out, 'datasets');
  onTestFinished(() => {
    if (before === undefined) delete process.env.DYNACT_DATASETS;
    else process.env.DYNACT_DATASETS = before;
  });
  const found = await run(study, out);
  expect(found.size).toBeGreaterThan(0);
  for (const [part, comparison] of found) {
    const { metric, variants, steps, seeds } = comparison;
    for (const { name, runs } of variants) {
      expect(runs.map(({ seed, status }) => [seed, status])).toEqual(seeds.map((seed) => [seed, 'finished']));
      const last = runs.map(({ evaluations }) => evaluations.find(({ step }) => step === steps)?.metrics[metric.name]);
      for (const value of last)
        expect(value, `${part}, ${name}`).toBeGreaterThanOrEqual(metric.name === 'drop' ? -100 : 0);
    }
    const written = readFileSync(join(out, part, 'comparison.json'), 'utf8');
    expect(comparisonSchema.parse(JSON.parse(written))).toEqual(comparison);
    expect(existsSync(join(out, part, 'report.html'))).toBe(true);
  }
  const text = study.describe(found);
  expect(text).toContain('| ---');
  expect(text).not.toMatch(/NaN|undefined|diverged/);
  const learned = [...found].flatMap(([part, comparison]) => learnedParameters(join(out, part), comparison));
  // Every study has a variant that learns.
  expect(learned.length).toBeGreaterThan(0);
  for (const { values } of learned) expect(values).toHaveLength([...found.values()].at(-1)!.seeds.length);
  // Nothing is missing any more.
  expect(await run(study, out)).toEqual(found);
  await keep(study.name, out, 'again');
  const page = readFileSync(join(out, 'pages', 'again.md'), 'utf8');
  const [, figure] = /\]\((\S+\.svg)\)/.exec(page)!;
  expect(readFileSync(join(out, 'pages', figure!), 'utf8')).toMatch(/^<svg .*difference to/s);
  expect(page.split('\n')).toEqual(expect.arrayContaining(text.split('\n')));
  expect(page).toMatch(/^- Run: `typed`, \d+ seeds, ended 2026-11-27\.\n- Machine: two cores\.$/m);
});

test('a page that is kept is one of letters, and says what was run', async () => {
  await expect(keep('depth', temporaryFolder(), '../up')).rejects.toThrow('--page ../up');
  await expect(keep('nosuch', temporaryFolder(), 'page')).rejects.toThrow('there is no study nosuch');
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'pages'));
  writeFileSync(join(folder, 'pages', 'by-hand.md'), 'mine');
  await expect(keep('depth', folder, 'by-hand')).rejects.toThrow('there is a page of something else');
  await expect(createProgram().parseAsync(['results', '--page', 'x'], { from: 'user' })).rejects.toThrow(
    'needs --keep',
  );
});
