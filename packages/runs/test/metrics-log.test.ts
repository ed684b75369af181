import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { createRunFolder, openRunFolder, readRunFolder } from '../src/index.ts';
import { MetricsLog } from '../src/metrics-log.ts';
import type { MetricsRecord } from '../src/records/index.ts';
import { runConfig, trainRecord } from './support/values.ts';

const evaluation = (step: number): MetricsRecord => ({
  kind: 'evaluation',
  step,
  tokens: step * 64,
  split: 'validation',
  loss: 4,
  metrics: { perplexity: Math.exp(4), bitsPerByte: 1.5 },
  elapsedMs: 10,
});
const sample = (step: number): MetricsRecord => ({ kind: 'sample', step, prompt: 'Once\n', text: 'Once\n“ü”\u2028.' });

describe('metrics log', () => {
  test('keeps records of every kind in the order they came, one a line', () => {
    const path = join(temporaryFolder(), 'metrics.jsonl');
    const records: MetricsRecord[] = [
      evaluation(0),
      trainRecord(1),
      { kind: 'activation', step: 1, layer: 0, name: 'alpha', value: 0.97 },
      { kind: 'activation', step: 1, layer: 1, name: 'beta', value: [0.1, -0.2] },
      sample(1),
      trainRecord(2),
      { kind: 'diverged', step: 3, parameter: 'blocks.0.attention.query' },
    ];
    const log = new MetricsLog(path);
    for (const [index, record] of records.entries()) {
      log.append(record);
      expect(log.records()).toEqual(records.slice(0, index + 1));
    }
    log.close();
    log.close();
    expect(readFileSync(path, 'utf8').split('\n').length).toBe(records.length + 1);
    const again = new MetricsLog(path);
    again.append(trainRecord(4));
    expect(again.records()).toEqual([...records, trainRecord(4)]);
    again.close();
  });

  test('cuts a torn last line, at every length, and goes on behind the last whole one', () => {
    const path = join(temporaryFolder(), 'metrics.jsonl');
    const line = `${JSON.stringify(sample(2))}\n`;
    const whole = `${JSON.stringify(trainRecord(1))}\n`;
    for (let length = 0; length < Buffer.byteLength(line); length += 1) {
      writeFileSync(path, Buffer.concat([Buffer.from(whole), Buffer.from(line).subarray(0, length)]));
      const log = new MetricsLog(path);
      expect(readFileSync(path, 'utf8')).toBe(whole);
      log.append(sample(2));
      log.close();
      expect(readFileSync(path, 'utf8')).toBe(whole + line);
    }
  });

  test('lets a reader see whole records only while the last one is being written', () => {
    const folder = join(temporaryFolder(), 'run');
    const run = createRunFolder(folder, runConfig);
    run.append(trainRecord(1));
    appendFileSync(join(folder, 'metrics.jsonl'), JSON.stringify(trainRecord(2)));
    expect(readRunFolder(folder).records()).toEqual([trainRecord(1)]);
    // A reader changes nothing: the writer's line may still be growing.
    expect(readFileSync(join(folder, 'metrics.jsonl'), 'utf8').endsWith('\n')).toBe(false);
    run.close();
    const reopened = openRunFolder(folder);
    reopened.append(trainRecord(2));
    expect(reopened.records()).toEqual([trainRecord(1), trainRecord(2)]);
    reopened.close();
  });

  test('goes back to a step, so that each step stands once after a resume', () => {
    const path = join(temporaryFolder(), 'metrics.jsonl');
    const log = new MetricsLog(path);
    for (const step of [1, 2, 3, 4, 5]) {
      log.append(trainRecord(step));
      if (step % 2 === 0) log.append(evaluation(step));
    }
    log.truncateAfter(2);
    expect(log.records()).toEqual([trainRecord(1), trainRecord(2), evaluation(2)]);
    for (const step of [3, 4]) log.append(trainRecord(step));
    expect(log.records().map(({ step }) => step)).toEqual([1, 2, 2, 3, 4]);
    log.truncateAfter(0);
    expect(readFileSync(path, 'utf8')).toBe('');
    log.append(trainRecord(1));
    log.close();
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(trainRecord(1))}\n`);
  });

  test('refuses a wrong record and leaves the file as it was', () => {
    const path = join(temporaryFolder(), 'metrics.jsonl');
    const log = new MetricsLog(path);
    log.append(trainRecord(1));
    expect(() => log.append({ ...trainRecord(2), loss: Number.NaN } as MetricsRecord)).toThrow();
    expect(log.records()).toEqual([trainRecord(1)]);
    log.close();
  });

  test('names the file and the line of damage', () => {
    const folder = join(temporaryFolder(), 'run');
    createRunFolder(folder, runConfig).close();
    const path = join(folder, 'metrics.jsonl');
    writeFileSync(path, `${JSON.stringify(trainRecord(1))}\n{"kind":"train",\n`);
    expect(inputErrorOf(() => readRunFolder(folder).records())).toBe(`${path} line 2 is not JSON; remove that line`);
    writeFileSync(path, `${JSON.stringify({ ...trainRecord(1), loss: 'low' })}\n`);
    expect(inputErrorOf(() => readRunFolder(folder).records())).toContain(`${path} line 1: loss: expected number`);
    truncateSync(path);
    expect(readRunFolder(folder).records()).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });
});
