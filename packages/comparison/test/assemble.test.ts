import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import { createRunFolder, readRunFolder } from '@dynact/runs';
import { comparisonSchema, type EvaluationRecord, type RunConfig } from '@dynact/runs/records';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import type { FinishedRun } from '../src/assemble.ts';
import { assembleComparison, type PlannedRun, planComparison } from '../src/index.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dynact-assemble-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const plan = planComparison({ training: { steps: 20 }, comparison: { seeds: [4, 2, 9], evaluationSteps: [5, 10] } });

/** A loss that tells its variant, seed and step, so that a mix-up shows. */
function lossOf({ variant, seed }: PlannedRun, step: number): number {
  return 5 - step / 10 + seed / 100 - (variant === 'dynactglu' ? (step * (seed + 1)) / 1000 : 0);
}

const corpus = { tokens: { train: 'a', validation: 'b' }, unigramPerplexity: 321 };

interface Writing {
  readonly tokens?: RunConfig['tokens'];
  readonly milliseconds?: number;
  /** The step at which the run diverges. */
  readonly divergesAt?: number;
  readonly ended?: boolean;
  /** Whether it has the whole split as a figure of its own. */
  readonly wholeSplit?: boolean;
}

function writeRun(
  planned: PlannedRun,
  { milliseconds = 1, divergesAt, ended = true, tokens = corpus.tokens, wholeSplit = true }: Writing = {},
): FinishedRun {
  const path = join(directory, planned.folder);
  const backend = { name: 'cpu', device: 'cpu', threads: 1 };
  const folder = createRunFolder(path, { config: {}, versions: {}, backend, gitCommit: null, tokens });
  const reached = divergesAt ?? 20;
  const evaluation = (step: number, split: 'validation' | 'test'): EvaluationRecord => {
    const loss = lossOf(planned, step) + (split === 'test' ? 1 : 0);
    const figures = { loss, metrics: { perplexity: Math.exp(loss), bitsPerByte: loss / 2 } };
    return { kind: 'evaluation', step, tokens: step * 8, split, ...figures, elapsedMs: milliseconds * step };
  };
  for (let step = 0; step <= reached; step++) {
    // Step 15 was evaluated too, but is not compared.
    if (step % 5 === 0) folder.append(evaluation(step, 'validation'));
    if (step === 10) folder.append(evaluation(step, 'test'));
  }
  if (wholeSplit && divergesAt === undefined) folder.append({ ...evaluation(20, 'validation'), kind: 'whole-split' });
  if (divergesAt !== undefined) folder.append({ kind: 'diverged', step: divergesAt, parameter: 'loss' });
  const parameters = planned.variant === 'dynactglu' ? 1008 : 1000;
  if (ended) {
    folder.writeSummary({
      status: divergesAt === undefined ? 'finished' : 'diverged',
      step: reached,
      tokens: reached * 8,
      final: null,
      best: null,
      wholeSplit: null,
      tokensPerSecond: 1000 / milliseconds,
      parameters,
      activationParameters: parameters - 1000,
      flopsPerToken: 6000,
    });
  }
  folder.close();
  return { planned, reader: readRunFolder(path) };
}

describe('assembleComparison', () => {
  test('refuses runs of an earlier version beside others: their last evaluation is of another text', () => {
    const all = (isOld: (run: PlannedRun) => boolean) =>
      plan.runs.map((run) => writeRun(run, { wholeSplit: !isOld(run) }));
    expect(
      inputErrorOf(() =>
        assembleComparison(
          plan,
          all(({ seed }) => seed === 2),
          corpus,
        ),
      ),
    ).toMatch(/^swiglu-seed-2, dynactglu-seed-2: an earlier version .*another folder$/);
    rmSync(directory, { recursive: true });
    expect(
      assembleComparison(
        plan,
        all(() => true),
        corpus,
      ).steps,
    ).toBe(20);
  });

  test('holds the validation losses at the compared steps, step 0 first, in the order of the plan', () => {
    const finished = plan.runs.map((run) => writeRun(run)).reverse();
    const comparison = assembleComparison(plan, finished, corpus);
    expect(comparisonSchema.parse(comparison)).toEqual(comparison);
    expect(comparison).toMatchObject({
      steps: 20,
      evaluationSteps: [5, 10, 20],
      seeds: [4, 2, 9],
      unigramPerplexity: 321,
    });
    expect(comparison.dataset).toBe(plan.config.dataset.name);
    expect(comparison.variants.map(({ name, parameters }) => [name, parameters])).toEqual([
      ['swiglu', 1000],
      ['dynactglu', 1008],
    ]);
    for (const { name, runs } of comparison.variants) {
      expect(runs.map(({ seed }) => seed)).toEqual([4, 2, 9]);
      for (const { seed, status, evaluations } of runs) {
        const planned = plan.runs.find((run) => run.variant === name && run.seed === seed)!;
        expect(status).toBe('finished');
        expect(evaluations).toEqual(
          [0, 5, 10, 20].map((step) => {
            const loss = lossOf(planned, step);
            return { step, loss, metrics: { perplexity: Math.exp(loss), bitsPerByte: loss / 2 } };
          }),
        );
      }
    }
  });

  test('pairs the seeds: the mean of the differences at each step, and what follows from it', () => {
    const { paired } = assembleComparison(
      plan,
      plan.runs.map((run) => writeRun(run)),
      corpus,
    );
    expect(paired.map(({ baseline, variant, step, n }) => [baseline, variant, step, n])).toEqual([
      ['swiglu', 'dynactglu', 5, 3],
      ['swiglu', 'dynactglu', 10, 3],
      ['swiglu', 'dynactglu', 20, 3],
    ]);
    for (const { step, meanDifference, ci95, pValue, relativeReduction } of paired) {
      // Differences -step (seed + 1) / 1000 for seeds 4, 2 and 9: mean -6, standard deviation sqrt(13), t(0.975, 2) 4.30265.
      expect(meanDifference).toBeCloseTo((-6 * step) / 1000, 12);
      const half = (4.30265272975 * Math.sqrt(13 / 3) * step) / 1000;
      expect(ci95![0]).toBeCloseTo((-6 * step) / 1000 - half, 8);
      expect(ci95![1]).toBeCloseTo((-6 * step) / 1000 + half, 8);
      expect(pValue).toBe(0.25);
      expect(relativeReduction).toBeCloseTo(1 - Math.exp((-6 * step) / 1000), 12);
    }
  });

  test('does not depend on how long anything took', () => {
    const quick = assembleComparison(
      plan,
      plan.runs.map((run) => writeRun(run)),
      corpus,
    );
    rmSync(directory, { recursive: true });
    const slow = assembleComparison(
      plan,
      plan.runs.map((run) => writeRun(run, { milliseconds: 977 })),
      corpus,
    );
    expect(JSON.stringify(slow)).toBe(JSON.stringify(quick));
  });

  test('a diverged run is told, keeps what it reached, and leaves the pairs after that', () => {
    const finished = plan.runs.map((run) =>
      writeRun(run, run.variant === 'dynactglu' && run.seed === 2 ? { divergesAt: 7 } : {}),
    );
    const { variants, paired } = assembleComparison(plan, finished, corpus);
    const diverged = variants[1]!.runs[1]!;
    expect(diverged).toMatchObject({ seed: 2, status: 'diverged' });
    expect(diverged.evaluations.map(({ step }) => step)).toEqual([0, 5]);
    expect(paired.map(({ step, n }) => [step, n])).toEqual([
      [5, 3],
      [10, 2],
      [20, 2],
    ]);
    // Seeds 4 and 9 are left.
    expect(paired[1]!.meanDifference).toBeCloseTo((-10 * 7.5) / 1000, 12);
  });

  test('a run that has not ended, or is not there, is named', () => {
    const finished = plan.runs.map((run, index) => writeRun(run, { ended: index !== 4 }));
    expect(() => assembleComparison(plan, finished, corpus)).toThrow(InputError);
    expect(() => assembleComparison(plan, finished, corpus)).toThrow(/dynactglu-seed-2 has not ended/);
    expect(() => assembleComparison(plan, finished.slice(0, 5), corpus)).toThrow(
      /dynactglu seed 9 has not been trained/,
    );
  });

  test('a run that learned from another text, or was evaluated on one, is refused and named', () => {
    for (const [split, tokens] of [
      ['train', { ...corpus.tokens, train: 'grown' }],
      ['validation', { ...corpus.tokens, validation: 'grown' }],
    ] as const) {
      const finished = plan.runs.map((run, index) => writeRun(run, index === 3 ? { tokens } : {}));
      expect(inputErrorOf(() => assembleComparison(plan, finished, corpus))).toMatch(
        new RegExp(`dynactglu-seed-4 was trained on another ${split} split`),
      );
      rmSync(directory, { recursive: true });
    }
  });
});
