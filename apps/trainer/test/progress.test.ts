import { createProgress } from '@dynact/command-line';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Screen } from '../../../packages/command-line/test/support/screen.ts';
import { StepWatch, showEvents, TotalProgress } from '../src/training-progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const step = (number: number, seconds: number) => ({
  kind: 'record' as const,
  steps: 100,
  record: {
    kind: 'train' as const,
    step: number,
    tokens: 64 * number,
    loss: 2,
    learningRate: 1,
    gradientNorm: 1,
    tokensPerSecond: 64 / seconds,
    elapsedMs: 0,
  },
});

test('a step that takes ten times as long as those before it is said once, in whichever run', () => {
  const screen = new Screen(200, 24, false);
  const watch = new StepWatch();
  const [one, two] = ['one', 'two'].map((name) => showEvents(createProgress(screen.stream), name, { watch }));
  for (const show of [one!, two!]) show({ kind: 'start', step: 0, steps: 100 });
  // The first steps compile.
  one!(step(1, 3));
  for (let number = 2; number < 10; number++) one!(step(number, number === 8 ? 0.9 : 0.1));
  expect(screen.lines()).toEqual([]);
  one!(step(10, 1.2));
  one!(step(11, 5));
  for (let number = 1; number < 10; number++) two!(step(number, 0.1));
  two!(step(10, 60));
  expect(screen.lines()).toEqual([
    'one: 10/100, step 10 took 1.2 s, those before it 0.1 s: something else uses this machine, or it was asleep, 0 s left',
  ]);
});

test('the time left of all runs counts what is made now, not what was there', () => {
  const screen = new Screen(200, 24, false);
  const progress = createProgress(screen.stream);
  const total = new TotalProgress(progress, [50, 0], 100);
  const show = showEvents(progress, 'run 1 of 2', { total });
  show({ kind: 'start', step: 50, steps: 100 });
  // The first step compiles, which happens once.
  vi.advanceTimersByTime(5000);
  show(step(51, 5));
  vi.advanceTimersByTime(9000);
  show(step(60, 1));
  // 9 steps in 9 s; 40 of this run and 100 of the other are left.
  expect(screen.lines()).toEqual([
    'run 1 of 2: 60/100, loss 2.000, 64 tokens/s, 40 s left',
    'all 2 runs: 60/200, 2 min 20 s left',
  ]);
});
