import { InputError } from '@dynact/files';
import { describe, expect, test } from 'vitest';
import { planComparison } from '../src/index.ts';

describe('planComparison', () => {
  test('plans one run for every variant and seed, each in a folder of its own', () => {
    const plan = planComparison({ comparison: { seeds: [3, 7] } });
    expect(plan.runs.map(({ variant, seed, folder }) => [variant, seed, folder])).toEqual([
      ['swiglu', 3, 'swiglu-seed-3'],
      ['swiglu', 7, 'swiglu-seed-7'],
      ['dynactglu', 3, 'dynactglu-seed-3'],
      ['dynactglu', 7, 'dynactglu-seed-7'],
    ]);
    for (const { variant, seed, config } of plan.runs) {
      expect(config.seed).toBe(seed);
      expect(config.model.feedForward.kind).toBe(variant);
    }
    expect(plan).toMatchObject({ baseline: 'swiglu', variants: ['swiglu', 'dynactglu'], seeds: [3, 7] });
  });

  test('runs differ in what their variant says and in nothing else', () => {
    const plan = planComparison({
      model: { width: 32, heads: 2, feedForward: { hiddenWidth: 48 } },
      training: { batchSize: 3, optimizer: { learningRate: 0.01 } },
      comparison: {
        seeds: [0],
        baseline: 'plain',
        variants: {
          plain: { model: { feedForward: { kind: 'swiglu' } } },
          slow: { model: { feedForward: { kind: 'swiglu' } }, training: { optimizer: { learningRate: 0.001 } } },
        },
      },
    });
    const [plain, slow] = plan.runs.map(({ config }) => structuredClone(config));
    expect(plain).toMatchObject({ model: { width: 32, feedForward: { hiddenWidth: 48 } }, training: { batchSize: 3 } });
    expect(slow!.training.optimizer).toMatchObject({ learningRate: 0.001 });
    (slow!.training.optimizer as { learningRate: number }).learningRate = 0.01;
    expect(slow).toEqual(plain);
  });

  test.each([
    [{ training: { steps: 10 } }, [3, 5, 8, 10]],
    [{ training: { steps: 2 } }, [1, 2]],
    [{ training: { steps: 10 }, comparison: { evaluationSteps: [4, 2, 4] } }, [2, 4, 10]],
    [{ training: { steps: 10 }, comparison: { evaluationSteps: [0, 10] } }, [10]],
  ])('%j is compared at steps %j, and every run is evaluated there', (raw, steps) => {
    const plan = planComparison(raw);
    expect(plan.evaluationSteps).toEqual(steps);
    for (const { config } of plan.runs) expect(config.training.evaluation.steps).toEqual(steps);
  });

  const gate = (kind: string) => ({ model: { feedForward: { kind } } });
  const variants = (added: Record<string, unknown>) => ({
    comparison: { variants: { swiglu: gate('swiglu'), ...added } },
  });
  test.each<[Record<string, unknown>, RegExp]>([
    [
      { comparison: { baseline: 'relu' } },
      /^file: comparison\.baseline: "relu" is not a variant; use one of swiglu, dyn/,
    ],
    [{ comparison: { seeds: [1, 2, 1] } }, /^file: comparison\.seeds: 1 stands twice; name each seed once$/],
    [{ comparison: { seeds: Array.from({ length: 25 }, (_, seed) => seed) } }, /seeds: 25 are too many .* at most 24/],
    [{ training: { steps: 10 }, comparison: { evaluationSteps: [11] } }, /step 11 lies beyond training\.steps 10/],
    [variants({ '../up': gate('mlp') }), /variants\.\.\.\/up: the name becomes a folder/],
    [variants({ '.hidden': gate('mlp') }), /the name becomes a folder/],
    [variants({ 'a b': gate('mlp') }), /the name becomes a folder/],
    [
      variants({ other: { dataset: { vocabSize: 300 } } }),
      /variants\.other\.dataset: a variant may change model and tr/,
    ],
    [variants({ other: { seed: 3 } }), /variants\.other\.seed: a variant may change/],
    [variants({ other: { training: { steps: 9 } } }), /other\.training\.steps: it must be the same for every variant/],
    [variants({ other: { training: { batchSize: 9 } } }), /other\.training\.batchSize: it must be the same/],
    [variants({ other: { training: { gradientAccumulation: 9 } } }), /gradientAccumulation: it must be the same/],
    [variants({ other: { training: { evaluation: { batches: 9 } } } }), /training\.evaluation: it must be the same/],
    [variants({ other: { model: { haeds: 2 } } }), /variants\.other: model\.haeds: unknown key; did you mean "heads"/],
    [variants({ other: { model: { heads: 3 } } }), /variants\.other: model\.heads: 3 heads do not divide width/],
  ])('%j is refused in one line', (raw, message) => {
    const plan = () => planComparison(raw, 'file');
    expect(plan).toThrow(InputError);
    expect(plan).toThrow(message);
    expect(plan).not.toThrow(/\n/);
  });
});

describe('what would be ignored is refused or used', () => {
  test('a seed beside comparison.seeds', () => {
    expect(() => planComparison({ seed: 7 })).toThrow(/seed: a comparison takes comparison\.seeds/);
  });

  test('two variants that are the same model', () => {
    const shared = { model: { feedForward: { activation: { name: 'relu' } } } };
    const kind = (kind: string) => ({ model: { feedForward: { kind } } });
    const variants = { swiglu: kind('swiglu'), geglu: kind('geglu') };
    expect(() => planComparison({ ...shared, comparison: { variants } })).toThrow(
      /swiglu and geglu are the same model/,
    );
    expect(() => planComparison({ comparison: { variants } })).not.toThrow();
  });

  test('the steps at which training is evaluated, where no others are given', () => {
    const training = { steps: 30, evaluation: { every: 10 } };
    expect(planComparison({ training }).evaluationSteps).toEqual([10, 20, 30]);
    expect(planComparison({ training, comparison: { evaluationSteps: [5] } }).evaluationSteps).toEqual([5, 30]);
    const beyond = { steps: 30, evaluation: { steps: [99] } };
    expect(() => planComparison({ training: beyond })).toThrow(/step 99 lies beyond/);
  });
});
