import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { lockFolder } from '@dynact/files';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ComparisonFolder, planComparison, recordedConfiguration } from '../src/index.ts';

let directory: string;
let folder: ComparisonFolder;
const plan = planComparison({});
const tokens = { train: 'a', validation: 'b' };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dynact-comparison-'));
  folder = ComparisonFolder.open(join(directory, 'comparison'), plan, tokens);
});

afterEach(() => {
  folder.close();
  rmSync(directory, { recursive: true });
});

describe('workersGone', () => {
  test('waits for a worker that outlived its comparison, and says so once', async () => {
    const run = folder.runDirectory(plan.runs[1]!);
    mkdirSync(run);
    const worker = lockFolder(run);
    const onWait = vi.fn();
    let gone = false;
    const waiting = folder.workersGone(onWait).then(() => {
      gone = true;
    });
    await setTimeout(350);
    expect(gone).toBe(false);
    worker.release();
    await waiting;
    expect(onWait).toHaveBeenCalledOnce();
    expect(onWait).toHaveBeenCalledWith(expect.stringContaining(plan.runs[1]!.folder));
  });

  test('does not wait forever, and does not wait where nobody writes', async () => {
    const onWait = vi.fn();
    await folder.workersGone(onWait);
    expect(onWait).not.toHaveBeenCalled();
    const run = folder.runDirectory(plan.runs[0]!);
    mkdirSync(run);
    const worker = lockFolder(run);
    await expect(folder.workersGone(onWait, { patienceMs: 150 })).rejects.toThrow(/is being written by process/);
    worker.release();
  });
});

describe('open', () => {
  const elsewhere = () => join(directory, 'elsewhere');

  test('takes an empty folder, and one that a kill left with its lock alone', () => {
    mkdirSync(elsewhere());
    writeFileSync(join(elsewhere(), '.lock'), '');
    ComparisonFolder.open(elsewhere(), plan, tokens).close();
    ComparisonFolder.open(elsewhere(), plan, tokens).close();
  });

  test('refuses a folder or a file of something else, and leaves it alone', () => {
    mkdirSync(elsewhere());
    writeFileSync(join(elsewhere(), 'thesis.txt'), 'mine');
    expect(() => ComparisonFolder.open(elsewhere(), plan, tokens)).toThrow(/is there and is no comparison/);
    expect(() => ComparisonFolder.open(join(elsewhere(), 'thesis.txt'), plan, tokens)).toThrow(
      /is there and is no comparison/,
    );
    expect(readdirSync(elsewhere())).toEqual(['thesis.txt']);
  });

  test('refuses another plan and names the first difference with both values, and another folder', () => {
    for (const [raw, difference] of [
      [{ comparison: { seeds: [0, 2] } }, 'seeds [0,1], not [0,2]'],
      [{ comparison: { seeds: [0] } }, 'seeds [0,1], not [0]'],
      [{ comparison: { baseline: 'dynactglu' } }, 'baseline "swiglu", not "dynactglu"'],
      [
        { training: { optimizer: { learningRate: 0.5 } } },
        'variants.swiglu.training.optimizer.learningRate 0.001, not 0.5',
      ],
      [{ dataset: { vocabSize: 300 } }, 'variants.swiglu.dataset.vocabSize 1024, not 300'],
      [{ training: { steps: 300 } }, 'training.steps 400, not 300'],
      [{ comparison: { evaluationSteps: [7] } }, 'evaluationSteps [100,200,300,400], not [7,400]'],
      [{ model: { kvHeads: 2 } }, 'variants.swiglu.model.kvHeads none, not 2'],
    ] as const) {
      const other = planComparison(raw);
      const open = () => ComparisonFolder.open(folder.directory, other, tokens);
      expect(open).toThrow(`holds a comparison with ${difference}; `);
      expect(open).toThrow(/choose another --out, or leave it as it was$/);
    }
  });

  test('says how seeds are added where others are named', () => {
    const [first = 0] = planComparison({}).seeds;
    const other = planComparison({ comparison: { seeds: [first + 90] } });
    expect(() => ComparisonFolder.open(folder.directory, other, tokens)).toThrow(
      `to add to it name them all, --seeds ${[...planComparison({}).seeds, first + 90]}; or choose another --out`,
    );
  });

  test('says how variants are added where one that it has is left out', () => {
    const other = planComparison({
      comparison: { baseline: 'geglu', variants: { geglu: { model: { feedForward: { kind: 'geglu' } } } } },
    });
    expect(() =>
      ComparisonFolder.open(folder.directory, { ...other, baseline: planComparison({}).baseline }, tokens),
    ).toThrow(
      /which is left out now; to add to it name its variants, too, --variants \S+geglu; or choose another --out/,
    );
  });

  test('takes more seeds, and remembers them', () => {
    folder.close();
    const path = join(folder.directory, 'config.json');
    const before = JSON.parse(readFileSync(path, 'utf8'));
    const more = planComparison({ comparison: { seeds: [0, 1, 7] } });
    ComparisonFolder.open(folder.directory, more, tokens).close();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ ...before, seeds: [0, 1, 7] });
    expect(() => ComparisonFolder.open(folder.directory, plan, tokens)).toThrow('seeds [0,1,7], not [0,1];');
  });

  test('takes more variants, and is continued by what it recorded', () => {
    folder.close();
    const variants = Object.fromEntries(
      ['swiglu', 'dynactglu', 'geglu'].map((kind) => [kind, { model: { feedForward: { kind } } }]),
    );
    const more = planComparison({ comparison: { seeds: [0, 1], variants } });
    ComparisonFolder.open(folder.directory, more, tokens).close();
    const path = join(folder.directory, 'config.json');
    const described = readFileSync(path, 'utf8');
    expect(Object.keys(JSON.parse(described).variants)).toEqual(['swiglu', 'dynactglu', 'geglu']);
    const again = planComparison(recordedConfiguration(folder.directory)!);
    expect(again.runs).toEqual(more.runs);
    ComparisonFolder.open(folder.directory, again, tokens).close();
    expect(readFileSync(path, 'utf8')).toBe(described);
    expect(() => ComparisonFolder.open(folder.directory, plan, tokens)).toThrow(
      'variants.geglu, which is left out now;',
    );
    expect(recordedConfiguration(join(folder.directory, 'nowhere'))).toBeUndefined();
  });

  test('goes on with a folder of version 0.1, and describes it as folders are today', () => {
    const fixture = new URL('../../runs/test/fixtures/version-0.1/config.json', import.meta.url);
    const old = JSON.parse(readFileSync(fixture, 'utf8'));
    mkdirSync(elsewhere());
    writeFileSync(join(elsewhere(), 'config.json'), JSON.stringify(old));
    const training = {
      steps: 6,
      optimizer: { learningRate: 0.005 },
      schedule: { warmupSteps: 20 },
      evaluation: { batches: 2 },
      sample: { prompt: 'Emma', maxTokens: 6 },
    };
    const model = { layers: 1, width: 16, heads: 2, context: 16 };
    const again = planComparison({ dataset: { vocabSize: 512 }, model, training });
    ComparisonFolder.open(elsewhere(), again, old.tokens).close();
    expect(JSON.parse(readFileSync(join(elsewhere(), 'config.json'), 'utf8'))).toMatchObject({
      evaluationSteps: [2, 3, 5, 6],
      tokens: old.tokens,
    });
    expect(() => ComparisonFolder.open(elsewhere(), planComparison({ model, training }), old.tokens)).toThrow(
      'variants.swiglu.dataset.vocabSize 512, not 1024;',
    );
  });

  test('goes on with a folder whose configuration lacks a key that has a default', () => {
    folder.close();
    const path = join(folder.directory, 'config.json');
    const before = JSON.parse(readFileSync(path, 'utf8'));
    const { divergence: _, ...training } = before.variants.swiglu.training;
    const variants = { ...before.variants, swiglu: { ...before.variants.swiglu, training } };
    writeFileSync(path, JSON.stringify({ ...before, variants }));
    ComparisonFolder.open(folder.directory, plan, tokens).close();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(before);
  });

  test('refuses a corpus that has changed since', () => {
    const changed = { ...tokens, train: 'c' };
    expect(() => ComparisonFolder.open(folder.directory, plan, changed)).toThrow(
      `${folder.directory} holds a comparison made when gutenberg-books was another text; choose another --out`,
    );
  });

  test('says which of text and tokens is another', () => {
    const open = (dataset: object) => {
      const other = planComparison({ dataset });
      ComparisonFolder.open(folder.directory, other, { ...tokens, train: 'c' });
    };
    expect(() => open({ name: 'letters.txt' })).toThrow('made on gutenberg-books, and not on letters.txt; choose');
    expect(() => open({ vocabSize: 300 })).toThrow(/a comparison with dataset\.vocabSize \d+, not 300; choose another/);
  });

  test('neither jobs nor threads make another comparison', () => {
    folder.close();
    const other = planComparison({ comparison: { jobs: 2 }, backend: { threads: 1 } });
    ComparisonFolder.open(folder.directory, other, tokens).close();
  });

  test('sweeps away what a kill left half-written', () => {
    folder.close();
    writeFileSync(join(folder.directory, '.tmp-1-1-comparison.json'), '{');
    mkdirSync(join(folder.directory, '.tmp-1-2-report'));
    ComparisonFolder.open(folder.directory, plan, tokens).close();
    expect(readdirSync(folder.directory)).toEqual(['config.json']);
  });

  test('is for one process at a time', () => {
    expect(() => ComparisonFolder.open(folder.directory, plan, tokens)).toThrow(/is being written by process/);
  });
});
