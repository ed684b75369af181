import { appendFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { readPart } from '../src/server/log-reader.ts';
import { RunLog } from '../src/server/run-log.ts';

const record = (step: number, loss: number) =>
  `${JSON.stringify({ kind: 'train', step, tokens: 8 * step, loss, learningRate: 1, gradientNorm: 2, tokensPerSecond: 3, elapsedMs: 4 * step })}\n`;

function read(log: RunLog): void {
  while (log.reader.read());
}

function losses(log: RunLog): readonly number[] {
  return log.series.get('train/loss')?.patch(1000).last ?? [];
}

function logOf(text: string): { path: string; log: RunLog } {
  const path = join(temporaryFolder(), 'metrics.jsonl');
  writeFileSync(path, text);
  const log = new RunLog(path);
  read(log);
  return { path, log };
}

describe('a log', () => {
  test('is followed as it grows; a torn last line waits until it is whole', () => {
    const { path, log } = logOf(record(1, 5) + record(2, 4).slice(0, 20));
    expect(losses(log)).toEqual([5]);
    appendFileSync(path, record(2, 4).slice(20) + record(3, 3));
    read(log);
    expect(losses(log)).toEqual([5, 4, 3]);
    expect(log.problem).toBeNull();
  });

  test('that a resume has cut back is read anew, also where it is longer by then', () => {
    const { path, log } = logOf(record(1, 5) + record(2, 4) + record(3, 3));
    const { generation } = log;
    writeFileSync(`${path}.new`, record(1, 5) + record(2, 44) + record(3, 33) + record(4, 22));
    renameSync(`${path}.new`, path);
    read(log);
    expect(losses(log)).toEqual([5, 44, 33, 22]);
    expect(log.generation).toBeGreaterThan(generation);
    writeFileSync(path, record(1, 6));
    read(log);
    expect(losses(log)).toEqual([6]);
  });

  test('that repeats steps, as a writer without that cut leaves it, has no zigzag', () => {
    const { log } = logOf([1, 2, 3, 2, 3, 4].map((step, index) => record(step, index)).join(''));
    expect(log.series.get('train/loss')?.step).toEqual([1, 2, 3, 4]);
    expect(losses(log)).toEqual([0, 3, 4, 5]);
  });

  test('is shown without the lines that cannot be read: a broken one, one of 10 MB, one of another kind', () => {
    const long = `{"kind":"train","step":2,"loss":${'1'.repeat(10_000_000)}}\n`;
    const { log } = logOf(`${record(1, 5)}not JSON\n${long}[]\n{"kind":"other","step":1}\n${record(6, 2)}`);
    expect(losses(log)).toEqual([5, 2]);
    expect(log.problem).toBe('4 lines of metrics.jsonl cannot be read, line 2 first; the others are shown');
  });

  test('is not followed through a link', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'elsewhere'), record(1, 5));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'metrics.jsonl'));
    const log = new RunLog(join(folder, 'metrics.jsonl'));
    read(log);
    expect(log.series.size).toBe(0);
  });

  test('has evaluations in both forms, any metric, activations, samples and events', () => {
    const lines = [
      {
        kind: 'evaluation',
        step: 0,
        tokens: 0,
        split: 'validation',
        loss: 2,
        perplexity: 7.4,
        bitsPerByte: 1,
        elapsedMs: 0,
      },
      { kind: 'evaluation', step: 4, tokens: 9, split: 'test', loss: 1, metrics: { accuracy: 93.5 }, elapsedMs: 7 },
      { kind: 'activation', step: 4, layer: 2, name: 'alpha', value: [1, 2] },
      { kind: 'sample', step: 4, prompt: 'a', text: 'b' },
      { kind: 'diverged', step: 5, parameter: 'w' },
    ];
    const { log } = logOf(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const last = Object.fromEntries([...log.series].map(([name, series]) => [name, series.lastValue]));
    expect(last).toEqual({
      'validation/loss': 2,
      'validation/perplexity': 7.4,
      'validation/bitsPerByte': 1,
      'test/loss': 1,
      'test/accuracy': 93.5,
      'activation/alpha/2': 1.5,
    });
    expect(log.samples).toEqual([{ step: 4, prompt: 'a', text: 'b' }]);
    expect(log.events).toEqual([{ step: 5, text: 'diverged: w' }]);
  });

  test('tells nothing twice, and after a broken connection only what came since', () => {
    const { path, log } = logOf(record(1, 5) + record(2, 4));
    const told = { generation: -1, version: -1, step: 0 };
    expect(log.patch('r', 100, told)).toMatchObject({ reset: true, series: { 'train/loss': { last: [5, 4] } } });
    expect(log.patch('r', 100, told)).toBeUndefined();
    const { offset, inode } = log.reader;
    appendFileSync(path, record(3, 3));
    read(log);
    const known = log.toldAt(offset, inode)!;
    expect(log.patch('r', 100, known)).toMatchObject({
      reset: false,
      series: { 'train/loss': { from: 2, last: [4, 3] } },
    });
    expect(log.toldAt(offset, inode + 1n)).toBeUndefined();
  });

  test('is read again in part: every step between two values of an axis', () => {
    const { path, log } = logOf(Array.from({ length: 9000 }, (_, index) => record(index + 1, index)).join(''));
    const [start, end] = log.bytesBetween('tokens', 8 * 5000, 8 * 5100);
    expect(end - start).toBeLessThan(600_000);
    const part = new RunLog(path);
    part.addLines(readPart(path, start, end));
    const { step, last } = part.series.get('train/loss')!.patch(100_000);
    for (let wanted = 5000; wanted <= 5100; wanted += 1) expect(last[step.indexOf(wanted)]).toBe(wanted - 1);
  });
});
