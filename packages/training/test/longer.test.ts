import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEvaluationWindows } from '@dynact/data';
import { readRunFolder } from '@dynact/runs';
import { compile } from '@dynact/tfjs-backend-onnxruntime';
import { Gpt, resolveModelConfig } from '@dynact/transformer';
import { describe, expect, test } from 'vitest';
import { scheduledLearningRate } from '../src/config/stretches.ts';
import { describeLearningRate, Evaluator, longerConfig, parseRecordedConfig, restoreWeights } from '../src/index.ts';
import { tinyDataset } from './support/tiny-dataset.ts';
import { configWith, tinyRuns } from './support/tiny-runs.ts';

const { folder, train, outcome, ofKind } = tinyRuns();
const evaluation = { steps: [6, 12] };
const constant = { schedule: { name: 'constant', warmupSteps: 3 } };
const cosine = { schedule: { name: 'cosine', warmupSteps: 3, finalFraction: 0.5 } };

const recorded = (name: string) => parseRecordedConfig(readRunFolder(join(folder, name)).config.config, name);

describe('a run that goes on with more steps', () => {
  test('under a constant schedule ends with the bits of one that had them from the start', async () => {
    const short = configWith({ training: { steps: 12, evaluation, ...constant } });
    await train(short, 'constant longer');
    await train(longerConfig(short, 24, 'keep'), 'constant longer', { resume: true });
    await train(configWith({ training: { steps: 24, evaluation, ...constant } }), 'constant at once');
    expect(outcome('constant longer').files).toEqual(outcome('constant at once').files);
    const losses = (name: string) => ofKind(name, 'train').map(({ loss }) => loss);
    expect(losses('constant longer')).toEqual(losses('constant at once'));
    expect(readRunFolder(join(folder, 'constant longer')).readSummary()).toMatchObject({
      status: 'finished',
      step: 24,
    });
  });

  test('also where the first end cut its warm-up short', async () => {
    const slow = { schedule: { name: 'constant', warmupSteps: 20 } };
    const short = configWith({ training: { steps: 12, evaluation, ...slow } });
    await train(short, 'warm-up longer');
    await train(longerConfig(short, 24, 'keep'), 'warm-up longer', { resume: true });
    await train(configWith({ training: { steps: 24, evaluation, ...slow } }), 'warm-up at once');
    expect(outcome('warm-up longer').files).toEqual(outcome('warm-up at once').files);
  });

  test('is evaluated at further steps, and at the same ones up to its first end', async () => {
    const short = configWith({ training: { steps: 12, evaluation, ...constant } });
    const longer = longerConfig(short, 24, 'keep');
    expect(longer.training.evaluation.steps).toEqual([6, 12, 15, 18, 21, 24]);
    const evaluatedAt = (steps: number[]) => {
      const { training } = longer;
      return { ...longer, training: { ...training, evaluation: { ...training.evaluation, steps } } };
    };
    await train(short, 'evaluated');
    await expect(train(evaluatedAt([5, 12, 20]), 'evaluated', { resume: true })).rejects.toThrow(
      /has training\.evaluation\.steps \[6,12\], not \[5,12,20\]/,
    );
    await train(evaluatedAt([6, 12, 20]), 'evaluated', { resume: true });
    expect(ofKind('evaluated', 'evaluation').map(({ step }) => step)).toEqual([0, 6, 12, 20, 24]);
  });

  test('says its learning rate in a line for each stretch', () => {
    const short = configWith({ training: { steps: 12, ...cosine } });
    expect(describeLearningRate(longerConfig(longerConfig(short, 20, 'restart'), 24, 'keep').training)).toEqual([
      'steps 1 to 12: warms up to 0.003 at step 3, falls to 0.0015 (cosine)',
      'steps 13 to 20: warms up to 0.003 at step 15, falls to 0.0015 (cosine)',
      'steps 21 to 24: stays at 0.0015',
    ]);
    const atOnce = configWith({ training: { schedule: { name: 'linear', warmupSteps: 0 } } });
    expect(describeLearningRate(atOnce.training)).toEqual([
      'steps 1 to 24: begins at 0.00289, falls to 0.0003 (linear)',
    ]);
    const brief = configWith({ training: { steps: 12, schedule: { name: 'constant', warmupSteps: 24 } } });
    expect(describeLearningRate(brief.training)).toEqual(['steps 1 to 12: warms up to 0.0015 at step 12']);
    const steady = configWith({ training: { steps: 12, ...constant } });
    expect(describeLearningRate(longerConfig(steady, 24, 'keep').training)).toEqual([
      'steps 1 to 12: warms up to 0.003 at step 3, stays at 0.003',
      'steps 13 to 24: goes on, stays at 0.003',
    ]);
  });

  test.each(['keep', 'restart'] as const)('%s: config.json and the log have both stretches', async (schedule) => {
    const short = configWith({ training: { steps: 12, evaluation, ...cosine } });
    const longer = longerConfig(short, 20, schedule);
    await train(short, schedule);
    await train(longer, schedule, { resume: true, stopAfter: 15 });
    await train(recorded(schedule), schedule, { resume: true });
    expect(recorded(schedule)).toEqual(longer);
    expect(ofKind(schedule, 'stretch')).toEqual([{ kind: 'stretch', step: 12, steps: 20, schedule }]);
    // The configuration that was recorded repeats the run.
    await train(longer, `${schedule} repeated`);
    expect(outcome(`${schedule} repeated`).files).toEqual(outcome(schedule).files);
    const rates = ofKind(schedule, 'train').map(({ learningRate }) => learningRate);
    expect(rates[11]).toBeCloseTo(1.5e-3, 12);
    if (schedule === 'keep') expect(new Set(rates.slice(11)).size).toBe(1);
    else
      expect(rates.slice(12, 15).map((rate) => rate / 3e-3)).toEqual(
        [1 / 3, 2 / 3, 1].map((x) => expect.closeTo(x, 12)),
      );
  });

  test('has the rates of each stretch, also of a third one', () => {
    const { training } = longerConfig(
      longerConfig(configWith({ training: { steps: 10, ...cosine } }), 20, 'restart'),
      30,
      'keep',
    );
    const rate = (step: number) => scheduledLearningRate(training, step);
    expect(training.stretches).toEqual([
      { after: 10, schedule: 'restart' },
      { after: 20, schedule: 'keep' },
    ]);
    for (let step = 1; step <= 10; step++) expect(rate(step + 10)).toBe(rate(step));
    expect([rate(21), rate(30)]).toEqual([rate(10), rate(10)]);
  });

  test('needs more steps than it has', () => {
    expect(() => longerConfig(configWith(), 24, 'keep')).toThrow(/24 is no longer than the 24 of the run/);
  });
});

describe('resume: if-there', () => {
  test('starts, goes on, and returns at once, so that the same call may be made again', async () => {
    const config = configWith();
    const again = (stopAfter?: number) =>
      train(config, 'again', { resume: 'if-there', ...(stopAfter === undefined ? {} : { stopAfter }) });
    expect(await again(7)).toEqual({ status: 'interrupted', step: 7 });
    const finished = await again();
    expect(finished.status).toBe('finished');
    await train(config, 'at once');
    expect(outcome('again').files).toEqual(outcome('at once').files);
    const files = () =>
      readdirSync(join(folder, 'again'))
        .filter((name) => name !== 'checkpoints')
        .map((name) => readFileSync(join(folder, 'again', name), 'latin1'));
    const before = files();
    expect(await again()).toEqual(finished);
    expect(files()).toEqual(before);
  });

  test('names a setting that differs with both values', async () => {
    const other = configWith({ training: { batchSize: 8 } });
    for (const resume of [true, 'if-there'] as const) {
      await expect(train(other, 'again', { resume })).rejects.toThrow(
        /again: this run has training\.batchSize 4, not 8; choose another folder/,
      );
    }
  });
});

describe('a run from the weights of another', () => {
  test('starts on another text at the loss that they have there', async () => {
    const other = await tinyDataset('dog');
    await train(configWith(), 'first');
    const from = join(folder, 'first');
    await train(configWith({ training: { from, movingAverage: {} } }), 'second', { dataset: other });
    const model = new Gpt(resolveModelConfig(configWith().model, 300), 7);
    restoreWeights(model, readRunFolder(from).readCheckpoint());
    const windows = createEvaluationWindows({ tokens: other.splits.validation, context: 16 });
    const evaluator = new Evaluator({ model, windows, tokenizer: await other.tokenizer(), batchSize: 4, compile });
    const { loss } = await evaluator.evaluate(2);
    model.dispose();
    expect(ofKind('second', 'evaluation')[0]!.loss).toBe(loss);
    expect(recorded('second').training.from).toBe(from);
    // Interrupted before its first checkpoint, it begins from them once more.
    await train(configWith({ training: { from } }), 'third', { dataset: other, stopAfter: 0 });
    rmSync(join(folder, 'third', 'checkpoints'), { recursive: true });
    await train(configWith({ training: { from } }), 'third', { dataset: other, resume: true, stopAfter: 0 });
    expect(ofKind('third', 'evaluation')[0]!.loss).toBe(loss);
    other.close();
  });

  test('is refused where tokens or shapes are others', async () => {
    const from = join(folder, 'first');
    const vocabulary = configWith({ dataset: { vocabSize: 400 }, training: { from } });
    await expect(train(vocabulary, 'refused')).rejects.toThrow(/dataset\.vocabSize 300, this run 400; its tokens mean/);
    await expect(train(configWith({ model: { width: 32 }, training: { from } }), 'refused')).rejects.toThrow(
      /model needs/,
    );
    expect(readdirSync(folder)).not.toContain('refused');
  });
});

describe('a run folder that others change', () => {
  test('removed during training ends the run with an error, not as finished', async () => {
    const remove = () => rmSync(join(folder, 'removed'), { recursive: true });
    const onEvent = (event: { kind: string }) => event.kind === 'checkpoint' && remove();
    await expect(train(configWith(), 'removed', { onEvent })).rejects.toThrow(/removed .*writes nothing more/);
    expect(readdirSync(folder)).not.toContain('removed');
  });

  test('with a state.json of another step is not resumed from', async () => {
    await train(configWith(), 'mixed', { stopAfter: 7 });
    const state = join(folder, 'mixed', 'checkpoints', 'step-00000007', 'state.json');
    writeFileSync(state, readFileSync(state, 'utf8').replace('"step": 7', '"step": 5'));
    await expect(train(configWith(), 'mixed', { resume: true })).rejects.toThrow(/state\.json/);
  });
});
