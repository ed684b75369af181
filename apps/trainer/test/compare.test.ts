import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparisonSchema } from '@dynact/runs/records';
import { beforeAll, expect, test } from 'vitest';
import { compareWords, comparisonText } from './support/compare-words.ts';
import { Workbench } from './support/workbench.ts';

const bench = new Workbench();
const whole = bench.path('whole');
const compare = (out: string, ...options: string[]) => compareWords(bench, out, ...options);

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
    /<th scope="row">machine<\/th><td class="text">.+, host \S+<\//,
    /<th scope="row">versions<\/th><td class="text">.*node \d+\./,
    /<th scope="row">backend<\/th><td class="text">onnxruntime on cpu, threads: 1</,
  ]) {
    expect(report).toMatch(fact);
  }
  const json = await bench.run(...compare(whole), '--json');
  expect(JSON.parse(json.stdout)).toEqual(JSON.parse(comparisonText(whole)));
});

test('another configuration is refused, and named', async () => {
  const { status, stderr } = await bench.run(...compare(whole), '--set', 'training.optimizer.beta2=0.9');
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /holds a comparison with variants\.swiglu\.training\.optimizer\.beta2 0\.95, not 0\.9; choose another --out/,
  );
});

test('variants by name, with a baseline of their own', async () => {
  const out = bench.path('named');
  const { status, stdout } = await bench.run(
    ...[
      'compare',
      ...bench.tiny({ 'training.steps': 3 }),
      '--variants',
      'mlp,geglu',
      '--seeds',
      '4',
      '--out',
      out,
      '--json',
    ],
  );
  expect(status).toBe(0);
  const comparison = comparisonSchema.parse(JSON.parse(stdout));
  expect(comparison.variants.map(({ name }) => name)).toEqual(['mlp', 'geglu']);
  expect(comparison.paired[0]).toMatchObject({ baseline: 'mlp', variant: 'geglu', n: 1 });
});

test('fewer steps than a preset has checkpoints for are compared at their own quarters', async () => {
  const tiny = bench.tiny().filter((argument) => !/^training\.steps=/.test(argument));
  const sets = tiny.filter((argument, index) => argument !== '--set' || tiny[index + 1] !== '--set');
  const out = bench.path('short-preset');
  const { status, stdout, stderr } = await bench.run(
    ...['compare', '--preset', 'micro', ...sets, '--steps', '4', '--seeds', '0', '--out', out, '--json'],
  );
  expect(status, stderr).toBe(0);
  expect(comparisonSchema.parse(JSON.parse(stdout)).evaluationSteps).toEqual([1, 2, 3, 4]);
});
