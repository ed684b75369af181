import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Interrupted } from '@dynact/command-line';
import { prepareDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { tokenDigests } from '@dynact/training';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { InProcess, type Job, Processes, trainAll } from '../src/index.ts';
import { jobsOf } from './support/jobs.ts';

const worker = new URL('./support/children/scripted-worker.mjs', import.meta.url);

/** Jobs of the scripted worker, which does as the seed says. */
const jobs = (...seeds: number[]) => jobsOf(seeds);

const never = new AbortController().signal;

test('a run that fails does not stop the others, and all failures are listed with their reasons', async () => {
  const events: string[] = [];
  const executor = new Processes(2, (name, { kind }) => events.push(`${name}: ${kind}`), worker);
  const failure = await trainAll(executor, jobs(2, 1, 3, 0), never).catch((error: unknown) => error);
  expect(failure).not.toBeInstanceOf(InputError);
  const [first, ...lines] = String((failure as Error).stack).split('\n');
  expect(first).toBe('3 of 4 runs failed; call it again to run them again');
  expect(lines.sort()).toEqual([
    'swiglu seed 1: folder 1 is of no use',
    'swiglu seed 2: its process ended without a result (SIGKILL: out of memory, or killed by hand)',
    'swiglu seed 3: its process ended without a result (exit code 7)',
  ]);
  expect(events).toEqual(['swiglu seed 0: start']);
  expect((await executor.settled()).map(({ name, isWrongInput }) => [name, isWrongInput]).sort()).toEqual([
    ['swiglu seed 1', true],
    ['swiglu seed 2', false],
    ['swiglu seed 3', false],
  ]);
});

test('failures that are all the user to mend are one line of wrong input', async () => {
  const executor = new Processes(1, () => {}, worker);
  const failure = await trainAll(executor, jobs(1, 0), never).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InputError);
  expect((failure as InputError).message).toBe(
    '1 of 2 runs failed; call it again to run them again; swiglu seed 1: folder 1 is of no use',
  );
});

test('tells where its jobs stand, and cancels: no further one begins, those that run save and end', async () => {
  const controller = new AbortController();
  const events: string[] = [];
  const executor = new Processes(1, (name, { kind }) => events.push(`${name}: ${kind}`), worker);
  expect(executor.describe()).toBe('1 process');
  const training = trainAll(executor, jobs(0, 9, 10), controller.signal, 'Go on with: dynact compare --out gates');
  const states = async () => [...(await executor.states()).values()];
  while ((await states())[1] !== 'running') await setTimeout(5);
  expect(await states()).toEqual(['gone', 'running', 'queued']);
  // A process that has not read its job yet cannot save anything.
  while (!events.includes('swiglu seed 9: start')) await setTimeout(5);
  controller.abort();
  const interrupted = await training.catch((error: unknown) => error);
  expect(interrupted).toBeInstanceOf(Interrupted);
  expect((interrupted as Interrupted).message).toMatch(/1 had not begun. Go on with: dynact compare --out gates$/);
  expect(await states()).toEqual(['gone', 'gone', 'queued']);
  expect(events).toEqual(['swiglu seed 0: start', 'swiglu seed 9: start', 'swiglu seed 9: record']);
});

test('a signal that came before the first run stops all of them', async () => {
  const executor = new Processes(2, () => {}, worker);
  const stopped = await trainAll(executor, jobs(9, 10, 11), AbortSignal.abort()).catch((error: unknown) => error);
  expect(stopped).toBeInstanceOf(Interrupted);
  // Processes that were told to end before they had read their jobs have begun nothing, and lost nothing.
  expect((stopped as Error).message).toBe(
    'stopped; every run in progress saved a checkpoint. 3 had not begun. Call it again to go on.',
  );
});

test("a worker refuses tokens that are not the plan's", async () => {
  const folder = temporaryFolder();
  const source = join(folder, 'words.txt');
  writeFileSync(source, Array.from({ length: 300 }, (_, index) => `The ${index}th dog ran to the house.`).join('\n\n'));
  const prepared = { source, definitions: [], datasets: join(folder, 'datasets'), encoding: 'r50k_base' } as const;
  const dataset = await prepareDataset({ ...prepared, vocabularySize: 300 });
  const tokens = { ...tokenDigests(dataset), train: 'of the plan' };
  const directory = join(folder, 'run');
  const [job] = jobs(0).map((each) => ({ ...each, directory, datasetDirectory: dataset.directory, tokens }));
  dataset.close();
  // As the trainer is started from its sources.
  process.execArgv = ['--conditions=@dynact/source', '--import', 'tsx'];
  const failure = await trainAll(new Processes(1, () => {}), [job!], never).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InputError);
  expect((failure as InputError).message).toMatch(/swiglu seed 0: .*the train split has changed since this comparison/);
  expect(existsSync(directory)).toBe(false);
});

test('in this process: one after another, failures told apart, and none begins after a cancel', async () => {
  const controller = new AbortController();
  const done: number[] = [];
  const executor = new InProcess<Job>(
    async ({ config: { seed } }, { onEvent }) => {
      onEvent({ kind: 'start', step: 0, steps: seed });
      if (seed === 1) throw new InputError('comparison', 'mend me');
      if (seed === 2) throw new Error('mine');
      done.push(seed);
      if (seed === 4) controller.abort();
    },
    (name, event) =>
      done.push(event.kind === 'start' && name === `swiglu seed ${event.steps}` ? 100 + event.steps : -1),
  );
  const failure = await trainAll(executor, jobs(0, 1, 2, 4, 5), controller.signal).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Interrupted);
  expect((failure as Error).message).toMatch(
    /1 had not begun\. 2 failed: swiglu seed 1: mend me; swiglu seed 2: Error: mine/,
  );
  expect(done).toEqual([100, 0, 101, 102, 104, 4]);
  expect([...(await executor.states()).values()]).toEqual(['gone', 'gone', 'gone', 'gone', 'queued']);
  expect(await executor.settled()).toMatchObject([
    { name: 'swiglu seed 1', reason: 'mend me', isWrongInput: true },
    { name: 'swiglu seed 2', reason: expect.stringMatching(/^Error: mine\n +at /), isWrongInput: false },
  ]);
});
