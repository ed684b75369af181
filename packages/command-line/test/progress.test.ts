import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress, duration } from '../src/index.ts';
import { Screen } from './support/screen.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

test('plain lines are milestones as they come, and one every ten seconds, with the time left by the steps after the first', () => {
  const screen = new Screen(80, 24, false);
  const line = createProgress(screen.stream).line('train', 100, 20);
  vi.advanceTimersByTime(9_000);
  line.update(30, 'loss 3');
  vi.advanceTimersByTime(5_000);
  line.update(40, 'loss 2');
  line.update(41, 'loss 1');
  line.milestone('perplexity 9');
  line.update(100);
  line.milestone('done');
  expect(screen.lines()).toEqual([
    'train: 40/100, loss 2, 30 s left',
    'train: 41/100, perplexity 9, 27 s left',
    'train: 100/100, done',
  ]);
});

test('bars are redrawn in place, keep to the width, and stay when all is done', () => {
  const screen = new Screen(72, 24);
  const progress = createProgress(screen.stream);
  const [one, two] = [progress.line('one', 10), progress.line('two', 4)];
  vi.advanceTimersByTime(1_000);
  one.update(0);
  two.update(0);
  one.update(5, 'loss 3');
  vi.advanceTimersByTime(1_000);
  two.update(1, 'x'.repeat(100));
  expect(screen.lines()).toEqual([
    `one ${'█'.repeat(15)}${'░'.repeat(15)} 50 % | 5/10 | 1 s left | loss 3`,
    `two ${'█'.repeat(8)}${'░'.repeat(22)} 25 % | 1/4 | 3 s left | xxxxxxxxxxxx`,
  ]);
  expect(screen.lines()[1]).toHaveLength(71);
  one.update(10);
  two.update(4, '');
  one.milestone('perplexity 9');
  progress.stop();
  screen.stream.write('the result\n');
  progress.stop();
  expect(screen.lines()).toEqual([
    `one ${'█'.repeat(30)} 100 % | 10/10 | perplexity 9`,
    `two ${'█'.repeat(30)} 100 % | 4/4`,
    'the result',
  ]);
});

test('full bars scroll away where the terminal has fewer rows than there are bars', () => {
  const screen = new Screen(60, 4);
  const progress = createProgress(screen.stream);
  const lines = Array.from({ length: 6 }, (_, index) => progress.line(`run ${index}`, 2));
  for (const line of lines) {
    vi.advanceTimersByTime(200);
    line.update(1);
    line.update(2);
    line.milestone('ended');
  }
  progress.stop();
  expect(screen.lines().map((line) => line.slice(0, 5))).toEqual(lines.map((_, index) => `run ${index}`));
  expect(screen.lines().every((line) => line.endsWith('2/2 | ended'))).toBe(true);
});

test('durations for people', () => {
  const day = 86_400_000;
  expect([400, 61_000, 3_725_000, 4 * day, 12 * day, 1200 * 365.25 * day].map(duration)).toEqual([
    ...['0 s', '1 min 01 s', '1 h 02 min', '96 h 00 min', '12 days', '1,200 years'],
  ]);
});
