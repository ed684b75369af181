import { appendFileSync, copyFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { compareWords, comparisonText } from '../support/compare-words.ts';
import { ended, sha256, until, Workbench } from '../support/workbench.ts';

const bench = new Workbench();
const whole = bench.path('whole');
const compare = (out: string, ...options: string[]) => compareWords(bench, out, ...options);

beforeAll(async () => {
  const { status, stderr } = await bench.run(...compare(whole));
  expect(status, stderr).toBe(0);
});

test('two jobs give the results of one', async () => {
  const out = bench.path('two-jobs');
  const { status } = await bench.run(...compare(out), '--jobs', '2');
  expect(status).toBe(0);
  expect(comparisonText(out)).toBe(comparisonText(whole));
});

test('killed and called again at once, it trains only what is missing and ends with an identical comparison.json', async () => {
  const out = bench.path('killed');
  const child = bench.start(compare(out));
  const outcome = ended(child);
  await until(() => existsSync(join(out, 'swiglu-seed-1', 'checkpoints', 'step-00000005', 'state.json')), outcome);
  child.kill('SIGKILL');
  await outcome;
  expect(existsSync(join(out, 'comparison.json'))).toBe(false);
  const done = join(out, 'swiglu-seed-0', 'metrics.jsonl');
  const before = statSync(done).mtimeMs;
  const { status, stderr } = await bench.run(...compare(out));
  expect(status, stderr).toBe(0);
  // The worker that was left behind may have been at its last steps when it noticed.
  expect(stderr).toMatch(/[23] of 4 runs of 20 steps into .*; the others are there/);
  expect(statSync(done).mtimeMs).toBe(before);
  expect(comparisonText(out)).toBe(comparisonText(whole));
  const weights = join('swiglu-seed-1', 'checkpoints', 'step-00000020', 'weights.safetensors');
  expect(sha256(join(out, weights))).toBe(sha256(join(whole, weights)));
});

test('a text that grows while runs train is not mixed in: all keep to the tokens of the plan', async () => {
  const corpus = bench.path('growing.txt');
  copyFileSync(bench.corpus, corpus);
  const out = bench.path('growing');
  const outcome = ended(bench.start(compare(out, '--set', `dataset.name=${JSON.stringify(corpus)}`)));
  await until(() => existsSync(join(out, 'swiglu-seed-0', 'config.json')), outcome);
  appendFileSync(corpus, '\n\nThe cat sat on the mat.'.repeat(5000));
  const { status, stderr } = await outcome;
  expect(status, stderr).toBe(0);
  const { dataset: _, ...result } = JSON.parse(comparisonText(out));
  const { dataset: __, ...expected } = JSON.parse(comparisonText(whole));
  expect(result).toEqual(expected);
  // Nor is a run evaluated on the text of today.
  const evaluated = await bench.run('evaluate', join(out, 'swiglu-seed-0'));
  expect(evaluated.status).toBe(2);
  expect(evaluated.stderr).toMatch(/was trained when the train split of .*growing\.txt was another text/);
});
