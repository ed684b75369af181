import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ended, sha256, timelessRecords, until, Workbench } from '../support/workbench.ts';

/** Longer, from another run, and the same call again: each as somebody types it. */
const bench = new Workbench();
// Several processes each.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
const constant = { 'training.schedule.name': 'constant', 'training.checkpoint.best': false };

function weights(run: string, step: number): string[] {
  const folder = join(run, 'checkpoints', `step-${String(step).padStart(8, '0')}`);
  return ['weights.safetensors', 'optimizer.safetensors'].map((file) => sha256(join(folder, file)));
}

async function train(...parameters: string[]) {
  const outcome = await bench.run('train', ...parameters);
  expect(outcome.status, outcome.stderr).toBe(0);
  return outcome;
}

const recordsOf = (run: string, kind: string) =>
  (timelessRecords(run) as { kind: string; step: number; loss: number; schedule: string }[]).filter(
    (record) => record.kind === kind,
  );
const configOf = (run: string) => JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')).config;

describe('train --resume RUN --steps', () => {
  test('under a constant schedule ends with the weights of a run that had the steps at once', async () => {
    const [longer, once] = [bench.path('longer'), bench.path('once')];
    await train(...bench.tiny({ ...constant, 'training.steps': 30 }), '--out', longer);
    const { stderr } = await train('--resume', longer, '--steps', '60');
    expect(stderr).toContain('steps 31 to 60: goes on, stays at 0.001');
    await train(...bench.tiny({ ...constant, 'training.steps': 60 }), '--out', once);
    expect(weights(longer, 60)).toEqual(weights(once, 60));
    expect(configOf(longer).training).toMatchObject({ steps: 60, stretches: [{ after: 30, schedule: 'keep' }] });
    expect(recordsOf(longer, 'train').map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(recordsOf(longer, 'stretch')).toEqual([{ kind: 'stretch', step: 30, steps: 60, schedule: 'keep' }]);
    // The same call again changes nothing.
    const before = readFileSync(join(longer, 'metrics.jsonl'), 'utf8');
    await train('--resume', longer, '--steps', '60');
    expect(readFileSync(join(longer, 'metrics.jsonl'), 'utf8')).toBe(before);
  });

  test('where the learning rate has fallen asks how it is to go on, and does as it is told', async () => {
    const cosine = bench.path('cosine run');
    await train(...bench.tiny({ 'training.steps': 10 }), '--out', cosine);
    const asked = await bench.runHere('train', '--resume', cosine, '--steps', '20');
    expect(asked.status).toBe(2);
    expect(asked.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(asked.stderr).toMatch(
      /its learning rate has ended \(steps 1 to 10: .*\); choose --schedule keep \(steps 11 to 20: stays at [\d.e-]+\) or --schedule restart \(steps 11 to 20: warms up to 0\.0005 at step 20\)/,
    );
    expect(configOf(cosine).training.steps).toBe(10);
    await train('--resume', cosine, '--steps', '20', '--schedule', 'restart');
    expect(configOf(cosine).training.stretches).toEqual([{ after: 10, schedule: 'restart' }]);
    const other = await bench.runHere('train', '--resume', cosine, '--steps', '20', '--schedule', 'keep');
    expect([other.status, other.stderr]).toEqual([2, expect.stringMatching(/20 steps with --schedule restart; give/)]);
  });

  test.each([
    [['--resume', 'once', '--steps', '50'], /training\.steps: 50 is no longer than the 60/],
    [['--resume', 'once', '--schedule', 'keep'], /--schedule: say with --steps how many/],
    [
      ['--resume', 'once', '--steps', '70', '--batch-size', '2'],
      /--batch-size: a resumed run keeps .* all but --steps/,
    ],
    [['--schedule', 'keep'], /--schedule: it goes with --resume and --steps/],
    [['--continue'], /--continue: name the run folder with --out/],
    [['--resume', 'once', '--continue'], /--continue: a resumed run/],
  ])('%j is refused in one line', async (parameters, message) => {
    const { status, stderr } = await bench.runHere('train', ...parameters);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('train --from RUN', () => {
  const from = bench.path('from');
  const other = bench.path('other text.txt');
  beforeAll(async () => {
    writeFileSync(other, readFileSync(bench.corpus, 'utf8').replaceAll('dog', 'cat').replaceAll('house', 'castle'));
    await train(...bench.tiny(), '--out', from);
  });

  test('starts on another text at the loss that evaluate gives there', async () => {
    const tuned = bench.path('tuned');
    const whole = ['--set', 'training.evaluation.batches=1000', '--batch-size', '4', '--steps', '5'];
    const { stderr } = await train(other, '--from', from, ...whole, '--out', tuned);
    const { status, stdout } = await bench.run('evaluate', from, '--data', other, '--split', 'validation', '--json');
    expect(status).toBe(0);
    expect(recordsOf(tuned, 'evaluation')[0]).toMatchObject({ step: 0, loss: JSON.parse(stdout).loss });
    expect(JSON.parse(stdout).loss).not.toBe(recordsOf(from, 'whole-split')[0]!.loss);
    // The model and the tokens are those of the other run, without being named.
    expect(configOf(tuned)).toMatchObject({ model: configOf(from).model, dataset: { name: other, vocabSize: 300 } });
    expect(configOf(tuned).training.from).toBe(from);
    expect(stderr).toContain(`5 steps into ${tuned}`);
  });

  test('is refused where its tokens mean something else', async () => {
    const out = bench.path('never');
    const vocabulary = ['--set', 'dataset.vocabSize=320', '--out', out];
    const { status, stderr } = await bench.run('train', other, '--from', from, '--batch-size', '4', ...vocabulary);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/vocabSize 300, this run 320; its tokens mean/)]);
    expect(existsSync(out)).toBe(false);
  });
});

describe('train --out DIR --continue', () => {
  test('starts, is called again after a cluster ends it, goes on, and returns at once', async () => {
    const out = bench.path('again');
    const parameters = [...bench.tiny({ 'training.steps': 120 }), '--out', out, '--continue'];
    Object.assign(bench.environment, { SLURM_JOB_ID: '7' });
    const child = bench.start(['train', ...parameters]);
    const outcome = ended(child);
    await until(() => existsSync(join(out, 'checkpoints', 'step-00000005', 'state.json')), outcome);
    child.kill('SIGTERM');
    const { status, stderr } = await outcome;
    expect([status, stderr]).toEqual([75, expect.stringMatching(/go on with: dynact train --resume /)]);
    const whole = await train(...parameters, '--json');
    expect(JSON.parse(whole.stdout)).toMatchObject({ status: 'finished', step: 120 });
    const before = readFileSync(join(out, 'metrics.jsonl'), 'utf8');
    // With all settings, or with none of them.
    for (const call of [parameters, ['--out', out, '--continue']]) {
      const again = await train(...call, '--json');
      expect(again.stdout).toBe(whole.stdout);
      expect(again.stderr).toContain('holds all of its steps; there is nothing to train');
    }
    expect(readFileSync(join(out, 'metrics.jsonl'), 'utf8')).toBe(before);
    const differs = await bench.run('train', ...parameters, '--batch-size', '2');
    expect([differs.status, differs.stderr]).toEqual([
      2,
      expect.stringMatching(/training\.batchSize 4, not 2; choose/),
    ]);
    const longer = await bench.runHere('train', ...parameters, '--steps', '130');
    expect(longer.stderr).toContain(
      `holds a run of 120 steps, not 130; to train it longer: dynact train --resume ${out} --steps 130 --schedule keep`,
    );
  });
});

describe('a comparison gains steps, a seed and a variant', () => {
  const out = bench.path('gates');
  const run = (variant: string, seed: number) => join(out, `${variant}-seed-${seed}`);
  const compare = async (...parameters: string[]) => {
    const outcome = await bench.run('compare', ...parameters);
    expect(outcome.status, outcome.stderr).toBe(0);
    return outcome;
  };
  const constantGates = (steps: number) =>
    bench.tiny({ ...constant, 'training.steps': steps, 'comparison.seeds': [0] });

  test('and nothing finished is trained again: the result is that of all at once', async () => {
    await compare(...constantGates(8), '--variants', 'swiglu,geglu', '--out', out);
    const log = (variant: string) => readFileSync(join(run(variant, 0), 'metrics.jsonl'), 'utf8');
    const before = { swiglu: log('swiglu'), geglu: log('geglu') };
    const { stderr } = await compare('--out', out, '--steps', '16');
    expect(stderr).toMatch(/2 runs of 16 steps into .*gates/);
    expect(stderr).toMatch(/run 1 of 2, swiglu seed 0: 16\/16/);
    for (const variant of ['swiglu', 'geglu'] as const) {
      // The steps of before stand as they were, times included.
      expect(log(variant).startsWith(before[variant])).toBe(true);
      expect(recordsOf(run(variant, 0), 'train').map(({ step }) => step)).toEqual(
        Array.from({ length: 16 }, (_, index) => index + 1),
      );
      expect(recordsOf(run(variant, 0), 'stretch')).toHaveLength(1);
    }
    const longer = { swiglu: log('swiglu'), geglu: log('geglu') };
    const grown = await compare('--out', out, '--seeds', '0,1', '--variants', 'swiglu,geglu,bilinear');
    expect(grown.stderr).toMatch(/4 of 6 runs of 16 steps into .*; the others are there/);
    expect({ swiglu: log('swiglu'), geglu: log('geglu') }).toEqual(longer);
    const once = bench.path('at-once');
    const all = ['--variants', 'swiglu,geglu,bilinear', '--seeds', '0,1', '--evaluate-at', '2,4,6,8,10,12,14'];
    await compare(...constantGates(16), ...all, '--out', once);
    const result = (folder: string) => readFileSync(join(folder, 'comparison.json'), 'utf8');
    expect(result(out)).toBe(result(once));
    expect(weights(run('swiglu', 0), 16)).toEqual(weights(join(once, 'swiglu-seed-0'), 16));
    const text = readFileSync(join(out, 'report.html'), 'utf8');
    expect(text).toContain('dynact compare --out');
    expect(text).toContain('swiglu,geglu,bilinear');
  });

  test('or says that a longer schedule is another comparison, and the command for it works', async () => {
    const fallen = bench.path('their own папка');
    const tiny = bench.tiny({ 'training.steps': 4, 'comparison.seeds': [0] });
    await compare(...tiny, '--variants', 'swiglu,geglu', '--out', fallen);
    const { status, stderr } = await bench.run('compare', '--out', fallen, '--set', 'training.steps=6');
    expect(status).toBe(2);
    const [, config, to] = /: dynact compare --config "(.*)" --steps 6 --out "(.*)"$/m.exec(stderr) ?? [];
    expect([config, to]).toEqual([fallen, `${fallen}-6`]);
    const again = await compare('--config', config!, '--steps', '6', '--out', to!, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ steps: 6, seeds: [0], evaluationSteps: [2, 3, 5, 6] });
  });
});

test('compare --dry-run says what is missing and how long it takes, and trains nothing', async () => {
  const out = bench.path('dry');
  const tiny = [...bench.tiny(), '--variants', 'swiglu,geglu', '--seeds', '0,1'];
  await bench.run('data', 'prepare', bench.corpus, '--vocab-size', '300');
  const before = bench.listing();
  const { status, stdout, stderr } = await bench.run('compare', ...tiny, '--out', out, '--dry-run', '--json');
  expect(status, stderr).toBe(0);
  const { runs, milliseconds } = JSON.parse(stdout);
  expect(runs).toHaveLength(4);
  for (const run of runs) expect(run).toMatchObject({ state: 'missing', milliseconds: expect.any(Number) });
  expect(milliseconds).toBeCloseTo(
    runs.reduce((sum: number, run: { milliseconds: number }) => sum + run.milliseconds, 0),
    6,
  );
  const text = await bench.run('compare', ...tiny, '--out', out, '--dry-run');
  expect(text.stdout).toMatch(/^swiglu +2 of 2 +[\d.]+ m?s +[\d.]+ m?s$/m);
  expect(text.stdout).toMatch(/^batch +4 x 16 tokens$/m);
  expect(text.stdout).toMatch(/^learning rate +steps 1 to 20: warms up to /m);
  const disk = 4 * Number(/checkpoints +([\d.]+) MB/.exec((await bench.run('plan', ...bench.tiny())).stdout)![1]);
  expect(Number(/^disk of its checkpoints +([\d.]+) MB$/m.exec(text.stdout)![1])).toBeCloseTo(disk, 0);
  expect(text.stdout).toMatch(/^expected time: \d+ s on this machine as it is now, one run at a time$/m);
  expect(bench.listing()).toEqual(before);
});

test('plan says the dataset, the batch, the learning rate and the time', async () => {
  const { status, stdout } = await bench.run('plan', ...bench.tiny());
  expect(status).toBe(0);
  expect(stdout).toMatch(/^dataset +.*walks\.txt \(r50k_base, 300 tokens\)$/m);
  expect(stdout).toMatch(/^learning rate +steps 1 to 20: /m);
  const [, passes, tokens] = /^passes over the text +([\d.]+) over ([\d,]+) tokens$/m.exec(stdout) ?? [];
  expect(Number(passes)).toBeCloseTo((20 * 4 * 16) / Number(tokens?.replaceAll(',', '')), 2);
  expect(stdout).toMatch(/^time on this machine as it is now +[\d.]+ m?s \([\d.]+ m?s a step/m);
});
