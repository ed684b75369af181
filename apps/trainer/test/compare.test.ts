import { appendFileSync, copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { comparisonSchema } from '@dynact/runs/records';
import { beforeAll, expect, test } from 'vitest';
import { ended, sha256, Workbench } from './support/workbench.ts';

const bench = new Workbench();
const whole = bench.path('whole');

function compare(out: string, ...options: string[]): string[] {
  const sample = ['--set', 'training.sample.prompt=she', '--set', 'training.sample.maxTokens=8'];
  return ['compare', ...bench.tiny(), ...sample, '--evaluate-at', '5,10', '--out', out, ...options];
}

const comparisonText = (directory: string) => readFileSync(join(directory, 'comparison.json'), 'utf8');

beforeAll(async () => {
  const { status, stderr } = await bench.run(...compare(whole));
  expect(status, stderr).toBe(0);
});

test('comparison.json fits its schema and holds every run at every evaluation step, step 0 first', () => {
  const comparison = comparisonSchema.parse(JSON.parse(comparisonText(whole)));
  expect(comparison).toMatchObject({ steps: 20, evaluationSteps: [5, 10, 20], seeds: [0, 1] });
  expect(comparison.variants.map(({ name }) => name)).toEqual(['swiglu', 'dynactglu']);
  for (const { runs } of comparison.variants) {
    expect(runs.map(({ seed }) => seed)).toEqual([0, 1]);
    for (const { evaluations } of runs) expect(evaluations.map(({ step }) => step)).toEqual([0, 5, 10, 20]);
  }
  const [swiglu, dynactglu] = comparison.variants;
  expect(dynactglu!.parameters - swiglu!.parameters).toBe(2);
  expect(dynactglu!.flopsPerToken).toBe(swiglu!.flopsPerToken);
  expect(dynactglu!.runs[0]!.evaluations[0]!.loss).toBeCloseTo(swiglu!.runs[0]!.evaluations[0]!.loss, 6);
  expect(comparison.paired.map(({ step, n }) => [step, n])).toEqual([
    [5, 2],
    [10, 2],
    [20, 2],
  ]);
  const last = comparison.paired.at(-1)!;
  const differences = [0, 1].map(
    (run) => dynactglu!.runs[run]!.evaluations.at(-1)!.loss - swiglu!.runs[run]!.evaluations.at(-1)!.loss,
  );
  expect(last.meanDifference).toBeCloseTo((differences[0]! + differences[1]!) / 2, 12);
  expect(last.relativeReduction).toBeCloseTo(1 - Math.exp(last.meanDifference!), 12);
});

test('the result stands on stdout, and pictures beside it', async () => {
  const { stdout, stderr, status } = await bench.run(...compare(whole));
  expect(status).toBe(0);
  expect(stderr).toMatch(/holds all 4 runs; give another --out to start afresh/);
  expect(stdout).toMatch(/swiglu seed 0 +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+/);
  expect(stdout).toContain('\n± standard deviation over the seeds\n');
  expect(stdout).toMatch(/over 2 seeds: too few seeds to conclude/);
  for (const variant of ['swiglu', 'dynactglu']) {
    expect(stdout).toMatch(new RegExp(`\n${variant} seed 0 wrote\n  step  0  she.+\n  step  5  she.+\n`));
  }
  expect(readFileSync(join(whole, 'perplexity.svg'), 'utf8')).toContain('<svg');
  const report = readFileSync(join(whole, 'report.html'), 'utf8');
  // What alpha and beta of the runs did stands in it; swiglu has neither.
  expect(new Set(report.match(/Activation parameters of \w+/g))).toEqual(
    new Set(['Activation parameters of dynactglu']),
  );
  expect(report).toMatch(/<th scope="col">swiglu, seed 0<\/th>.*<td class="number">20<\/td><td class="text">she/s);
  expect(report).toMatch(/optimizer step: \d+; beta: -?[\d.e−-]+; layer: 0/);
  for (const fact of [
    /<th scope="row">command<\/th><td class="text">dynact compare --set /,
    /<th scope="row">written<\/th><td class="text">20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC</,
    /<th scope="row">learning rate<\/th><td class="text">steps 1 to 20: warms up to 0\.001 at step 20/,
    /<th scope="row">machine<\/th><td class="text">.*\d+ cores, \d+ GB/,
    /<th scope="row">versions<\/th><td class="text">.*node \d+\./,
    /<th scope="row">backend<\/th><td class="text">onnxruntime on cpu, threads: 1</,
  ]) {
    expect(report).toMatch(fact);
  }
  const json = await bench.run(...compare(whole), '--json');
  expect(JSON.parse(json.stdout)).toEqual(JSON.parse(comparisonText(whole)));
});

test('killed and called again at once, two jobs train only what is missing and end with the comparison.json of one', async () => {
  const out = bench.path('killed');
  const child = bench.start(compare(out, '--jobs', '2'));
  const outcome = ended(child);
  // The last run has begun, so that one of the first two is whole.
  while (!existsSync(join(out, 'dynactglu-seed-1', 'checkpoints', 'step-00000005', 'state.json'))) await setTimeout(2);
  child.kill('SIGKILL');
  await outcome;
  expect(existsSync(join(out, 'comparison.json'))).toBe(false);
  const logs = ['swiglu-seed-0', 'swiglu-seed-1'].map((run) => join(out, run));
  const done = logs.filter((run) => existsSync(join(run, 'summary.json'))).map((run) => join(run, 'metrics.jsonl'));
  expect(done).not.toEqual([]);
  const before = done.map((log) => statSync(log).mtimeMs);
  const { status, stderr } = await bench.run(...compare(out, '--jobs', '2'));
  expect(status, stderr).toBe(0);
  // The workers that were left behind may have been at their last steps when they noticed.
  expect(stderr).toMatch(/[123] of 4 runs of 20 steps into .*; the others are there/);
  expect(done.map((log) => statSync(log).mtimeMs)).toEqual(before);
  expect(comparisonText(out)).toBe(comparisonText(whole));
  const weights = join('dynactglu-seed-1', 'checkpoints', 'step-00000020', 'weights.safetensors');
  expect(sha256(join(out, weights))).toBe(sha256(join(whole, weights)));
});

test('a text that grows while runs train is not mixed in: all keep to the tokens of the plan', async () => {
  const corpus = bench.path('growing.txt');
  copyFileSync(bench.corpus, corpus);
  const out = bench.path('growing');
  const data = ['--set', `dataset.name=${JSON.stringify(corpus)}`, '--seeds', '0'];
  const outcome = ended(bench.start(compare(out, ...data)));
  while (!existsSync(join(out, 'swiglu-seed-0', 'config.json'))) await setTimeout(2);
  appendFileSync(corpus, '\n\nThe cat sat on the mat.'.repeat(5000));
  const { status, stderr } = await outcome;
  expect(status, stderr).toBe(0);
  const runsOf = (directory: string) => comparisonSchema.parse(JSON.parse(comparisonText(directory))).variants;
  const expected = runsOf(whole).map(({ runs, ...variant }) => ({ ...variant, runs: runs.slice(0, 1) }));
  expect(runsOf(out)).toEqual(expected);
  // Nor is a run evaluated on the text of today.
  const evaluated = await bench.run('evaluate', join(out, 'swiglu-seed-0'));
  expect(evaluated.status).toBe(2);
  expect(evaluated.stderr).toMatch(/was trained when the train split of .*growing\.txt was another text/);
});

test('another configuration is refused, and named', async () => {
  const { status, stderr } = await bench.run(...compare(whole), '--set', 'training.optimizer.beta2=0.9');
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /holds a comparison with variants\.swiglu\.training\.optimizer\.beta2 0\.95, not 0\.9; choose another --out/,
  );
});

test('variants by name; fewer steps than a preset has checkpoints for are compared at their own quarters', async () => {
  const tiny = bench.tiny().filter((argument) => !/^training\.steps=/.test(argument));
  const sets = tiny.filter((argument, index) => argument !== '--set' || tiny[index + 1] !== '--set');
  const { status, stdout, stderr } = await bench.run(
    ...['compare', '--preset', 'micro', ...sets, '--steps', '4', '--variants', 'mlp,geglu', '--seeds', '4', '--json'],
    ...['--out', bench.path('named')],
  );
  expect(status, stderr).toBe(0);
  const comparison = comparisonSchema.parse(JSON.parse(stdout));
  expect(comparison.evaluationSteps).toEqual([1, 2, 3, 4]);
  expect(comparison.variants.map(({ name }) => name)).toEqual(['mlp', 'geglu']);
  expect(comparison.paired[0]).toMatchObject({ baseline: 'mlp', variant: 'geglu', n: 1 });
});
