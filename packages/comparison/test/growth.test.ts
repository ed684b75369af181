import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import { createRunFolder } from '@dynact/runs';
import { mergeConfig, parseConfig, type RawConfig } from '@dynact/training';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import {
  ComparisonFolder,
  inspectRuns,
  planComparison,
  recordedConfiguration,
  withRecordedEvaluations,
} from '../src/index.ts';

const tokens = { train: 'a', validation: 'b' };
const gate = (kind: string) => ({ model: { feedForward: { kind } } });
const constant = {
  model: { layers: 2, feedForward: { hiddenWidth: 96 } },
  training: { steps: 300, schedule: { name: 'constant' }, optimizer: { learningRate: 0.002 } },
  comparison: {
    variants: {
      swiglu: gate('swiglu'),
      slow: { ...gate('swiglu'), training: { optimizer: { learningRate: 0.001 } } },
      lion: { ...gate('geglu'), training: { optimizer: { name: 'lion' } } },
    },
  },
};
let directory = '';

beforeEach(() => {
  directory = join(temporaryFolder(), 'their own сравнение');
});

/** Makes the folder of a configuration, or opens it again. */
function open(raw: RawConfig): void {
  ComparisonFolder.open(directory, planComparison(raw), tokens).close();
}

/** The recorded configuration with something laid over it, as `compare --out` alone takes it. */
function again(values: RawConfig): RawConfig {
  return withRecordedEvaluations(mergeConfig(recordedConfiguration(directory)!, values), 'test', directory);
}

describe('a comparison that is continued by its folder', () => {
  test('is the one that was recorded, and takes settings for all of its variants', () => {
    open(constant);
    expect(planComparison(again({})).runs).toEqual(planComparison(constant).runs);
    for (const { config } of planComparison(again({ training: { batchSize: 4 } })).runs) {
      expect(config.training.batchSize).toBe(4);
    }
    expect(() => open(again({ training: { batchSize: 4 } }))).toThrow(
      'variants.swiglu.training.batchSize 16, not 4; choose another --out',
    );
  });

  test('gives a new variant what the others share', () => {
    open(constant);
    const { variants } = recordedConfiguration(directory)!.comparison as { variants: RawConfig };
    const plan = planComparison(again({ comparison: { variants: { ...variants, bilinear: gate('bilinear') } } }));
    const { model, training } = plan.runs.find(({ variant }) => variant === 'bilinear')!.config;
    expect(model).toMatchObject({ layers: 2, feedForward: { kind: 'bilinear', hiddenWidth: 96 } });
    expect(training).toMatchObject({ steps: 300, schedule: { name: 'constant' } });
  });

  test('is none where there is no comparison', () => {
    expect(recordedConfiguration(directory)).toBeUndefined();
    mkdirSync(directory);
    writeFileSync(join(directory, 'config.json'), '{ "config": {} }');
    expect(recordedConfiguration(directory)).toBeUndefined();
    expect(() => open(constant)).toThrow(/is there and is no comparison; choose another --out/);
  });
});

describe('more steps', () => {
  const evaluated = () => JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')).evaluationSteps;

  test('under constant learning rates are more of the same, compared at the quarters of what is added', () => {
    open(constant);
    const longer = again({ training: { steps: 600 } });
    open(longer);
    expect(evaluated()).toEqual([75, 150, 225, 300, 375, 450, 525, 600]);
    // Neither the same call again, nor one that names all settings, is another comparison.
    open(again({ training: { steps: 600 } }));
    open(withRecordedEvaluations(mergeConfig(constant, { training: { steps: 600 } }), 'test', directory));
    expect(evaluated()).toHaveLength(8);
    expect(() => open(again({ training: { steps: 300 } }))).toThrow('training.steps 600, not 300;');
  });

  test('are compared where one says, behind the end', () => {
    open(constant);
    const asked = { training: { steps: 600 }, comparison: { evaluationSteps: [10, 400] } };
    open(withRecordedEvaluations(mergeConfig(constant, asked), 'test', directory));
    expect(evaluated()).toEqual([75, 150, 225, 300, 400, 600]);
    open(
      withRecordedEvaluations(
        mergeConfig(constant, { ...asked, comparison: { evaluationSteps: [400] } }),
        'test',
        directory,
      ),
    );
    expect(() => open(withRecordedEvaluations(mergeConfig(constant, asked), 'test', directory))).toThrow(
      'evaluationSteps [75,150,225,300,400,600], not [10,400,600];',
    );
  });

  test('where a learning rate has fallen are another comparison: the command for it is said', () => {
    const cosine = mergeConfig(constant, { training: { schedule: { name: 'cosine' } } });
    open(cosine);
    const before = readFileSync(join(directory, 'config.json'), 'utf8');
    expect(() => open(again({ training: { steps: 600 } }))).toThrow(InputError);
    expect(() => open(again({ training: { steps: 600 } }))).toThrow(
      `of 300 steps, at whose end the learning rate has fallen (cosine): 600 steps are another comparison; train it into ` +
        `another folder: dynact compare --config "${directory}" --steps 600 --out "${directory}-600"`,
    );
    expect(readFileSync(join(directory, 'config.json'), 'utf8')).toBe(before);
  });

  test('leave runs that reached the end before to be gone on with, and those that diverged as they are', () => {
    open(constant);
    const plan = planComparison(constant);
    const states = (raw: RawConfig) => inspectRuns(directory, planComparison(raw), tokens).map(({ state }) => state);
    expect(states(constant)).toEqual(plan.runs.map(() => 'missing'));
    for (const [index, status] of (['finished', 'diverged'] as const).entries()) {
      const backend = { name: 'cpu', device: 'cpu', threads: 1 };
      const config = JSON.parse(JSON.stringify(plan.runs[index]!.config));
      const path = join(directory, plan.runs[index]!.folder);
      const run = createRunFolder(path, { config, versions: {}, backend, gitCommit: null, tokens });
      const step = status === 'finished' ? 300 : 80;
      const counts = { tokens: 1, parameters: 1, activationParameters: 0, tokensPerSecond: 1, flopsPerToken: 1 };
      run.writeSummary({ status, step, final: null, best: null, wholeSplit: null, ...counts });
      run.close();
    }
    expect(states(constant).slice(0, 3)).toEqual(['ended', 'ended', 'missing']);
    expect(states(again({ training: { steps: 600 } })).slice(0, 3)).toEqual(['partial', 'ended', 'missing']);
  });

  test('are looked at without making a folder', () => {
    expect(inspectRuns(directory, planComparison(constant), tokens)).toHaveLength(6);
    expect(existsSync(directory)).toBe(false);
    expect(parseConfig(constant).training.steps).toBe(300);
  });
});
