import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { StreamMessage } from '../src/protocol.ts';
import { Catalogue } from '../src/server/catalogue.ts';
import { LogReader } from '../src/server/log-reader.ts';
import type { Reply } from '../src/server/messages.ts';
import { Observer } from '../src/server/observer.ts';
import { writeExampleComparison, writeExampleRun } from './support/example-runs.ts';

const wish = { comparison: null, points: 1000, detail: false, seen: [] };

function observe(folder: string) {
  const messages: StreamMessage[] = [];
  const places: (string | null)[] = [];
  const observer = new Observer([folder], (reply: Reply) => {
    if (reply.kind !== 'event') return;
    messages.push(JSON.parse(reply.text));
    places.push(reply.position);
  });
  const look = () => {
    observer.refresh();
    while (observer.read());
    observer.tell();
    return messages.splice(0);
  };
  return { observer, look, places, messages };
}

test('a run that has ended is no longer looked at; one that goes on is', () => {
  const folder = temporaryFolder();
  writeExampleRun(join(folder, 'over'), { steps: 20, seed: 0, kind: 'swiglu' });
  writeExampleRun(join(folder, 'on'), { steps: 20, seed: 0, kind: 'swiglu', until: 10 });
  const { observer, look } = observe(folder);
  observer.open(1, { ...wish, runs: ['0/over', '0/on'] });
  look();
  const read = vi.spyOn(LogReader.prototype, 'read');
  for (let round = 0; round < 3; round += 1) look();
  const paths = read.mock.contexts.map((reader) => (reader as unknown as LogReader).path);
  expect(paths).toEqual([1, 2, 3].map(() => join(folder, 'on', 'metrics.jsonl')));
  read.mockClear();
  observer.close(1);
  look();
  expect(read).not.toHaveBeenCalled();
  // It goes on after all.
  rmSync(join(folder, 'over', 'summary.json'));
  observer.open(2, { ...wish, runs: ['0/over'] });
  look();
  expect(read).toHaveBeenCalled();
  read.mockRestore();
});

test('the folders are looked at once for a page: before it asks, if it was announced', () => {
  const folder = temporaryFolder();
  writeExampleRun(join(folder, 'a'), { steps: 20, seed: 0, kind: 'swiglu' });
  const { observer, messages } = observe(folder);
  const refresh = vi.spyOn(Catalogue.prototype, 'refresh');
  observer.prepare();
  observer.open(1, { ...wish, runs: [] });
  expect(refresh).toHaveBeenCalledOnce();
  expect(messages).toMatchObject([{ kind: 'listing', patch: { runs: [{ id: '0/a' }] } }]);
  refresh.mockRestore();
});

test('only what moved is told', () => {
  const folder = temporaryFolder();
  for (const name of ['a', 'b']) writeExampleRun(join(folder, name), { steps: 20, seed: 0, kind: 'swiglu', until: 10 });
  const { observer, look } = observe(folder);
  observer.open(1, { ...wish, runs: ['0/a', '0/b'] });
  expect(look().length).toBeGreaterThan(0);
  expect(look()).toEqual([]);
  appendFileSync(
    join(folder, 'a', 'metrics.jsonl'),
    `${JSON.stringify({ kind: 'train', step: 11, tokens: 5, loss: 1, elapsedMs: 9 })}\n`,
  );
  const told = look();
  expect(told.map(({ kind }) => kind)).toEqual(['listing', 'runs']);
  expect(told[0]).toMatchObject({ patch: { runs: [{ id: '0/a', step: 11, values: { 'train/loss': 1 } }], gone: [] } });
  expect(told[1]).toMatchObject({ patches: [{ run: '0/a', reset: false }] });
});

test('what several processes train has curves of their exchange, and says how many they were', () => {
  const folder = temporaryFolder();
  for (const name of ['one', 'two'])
    writeExampleRun(join(folder, name), { steps: 20, seed: 0, kind: 'swiglu', until: 1 });
  const config = join(folder, 'two', 'config.json');
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), ranks: 2 }));
  appendFileSync(
    join(folder, 'two', 'metrics.jsonl'),
    `${JSON.stringify({ kind: 'train', step: 2, tokens: 5, loss: 1, exchangeMs: 12.5, copyMs: 0.25, elapsedMs: 99 })}\n`,
  );
  const { observer, look } = observe(folder);
  observer.open(1, { ...wish, detail: true, runs: ['0/one', '0/two'] });
  const [one, two] = look().flatMap((message) => (message.kind === 'runs' ? message.patches : []));
  expect(two!.series['train/exchangeMs']).toMatchObject({ step: [2], last: [12.5] });
  expect(two!.series['train/copyMs']).toMatchObject({ last: [0.25] });
  expect(two!.detail!.machine).toContainEqual(['processes', '2']);
  expect(Object.keys(one!.series)).not.toContain('train/exchangeMs');
  expect(one!.detail!.machine.map(([name]) => name)).not.toContain('processes');
});

test('a page whose connection broke is told what came since, by where it was', () => {
  const folder = temporaryFolder();
  writeExampleRun(join(folder, 'a'), { steps: 9000, seed: 0, kind: 'swiglu', until: 5000 });
  const { observer, look, places } = observe(folder);
  observer.open(1, { ...wish, runs: ['0/a'] });
  look();
  const place = places.at(-1)!;
  expect(place).toMatch(/^\d+@\d+$/);
  observer.open(2, { ...wish, runs: ['0/a'], seen: [place] });
  const [news] = look().filter((message) => message.kind === 'runs');
  const [patch] = news!.patches;
  expect(patch!.reset).toBe(false);
  expect(patch!.series['train/loss']!.from).toBeGreaterThan(3000);
  // Another file of the same name is told from its beginning.
  observer.open(3, { ...wish, runs: ['0/a'], seen: [place.replace(/@\d+/, '@1')] });
  const [anew] = look().filter((message) => message.kind === 'runs');
  expect(anew!.patches[0]).toMatchObject({ reset: true });
});

test('a comparison of another metric is shown as it was written, without logs', () => {
  const folder = temporaryFolder();
  const comparison = {
    dataset: 'digits',
    metric: { name: 'accuracy', unit: '%', lowerIsBetter: false, scale: 'linear' },
    steps: 10,
    evaluationSteps: [10],
    seeds: [0],
    variants: [
      {
        name: 'relu',
        parameters: 1,
        flopsPerToken: 0,
        runs: [{ seed: 0, status: 'finished', evaluations: [{ step: 10, loss: 0.1, metrics: { accuracy: 98 } }] }],
      },
    ],
    paired: [],
  };
  writeFileSync(join(folder, 'comparison.json'), JSON.stringify(comparison));
  const { observer, look } = observe(folder);
  observer.open(1, { ...wish, runs: [], comparison: '0' });
  expect(look()).toContainEqual({ kind: 'comparison', live: { id: '0', comparison, isOver: true } });
});

test('a comparison under way is told as far as it has come, with its paired differences', () => {
  const folder = temporaryFolder();
  const variants = ['swiglu', 'dynactglu'];
  writeExampleComparison(folder, { steps: 400, seeds: [0, 1, 2], variants, until: 250 });
  const { observer, look } = observe(folder);
  const runs = variants.flatMap((variant) => [0, 1, 2].map((seed) => `0/${variant}-seed-${seed}`));
  observer.open(1, { ...wish, runs, comparison: '0' });
  // Nothing is said of it before its logs are read.
  const [message, ...others] = look().filter(({ kind }) => kind === 'comparison');
  expect(others).toEqual([]);
  if (message?.kind !== 'comparison') throw new Error('no comparison');
  const { comparison, isOver } = message.live;
  expect(isOver).toBe(false);
  expect(comparison.evaluationSteps).toEqual([100, 200]);
  expect(comparison.paired.map(({ variant, step, n }) => [variant, step, n])).toEqual([
    ['dynactglu', 100, 3],
    ['dynactglu', 200, 3],
  ]);
});
