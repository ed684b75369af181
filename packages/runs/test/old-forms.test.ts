import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readRunFolder } from '../src/index.ts';
import { comparisonSchema, pairedResults, perplexity, verdictSentence } from '../src/records/index.ts';

/** Written by version 0.1 (commit a001e73): a comparison of two variants with two seeds, and one of its runs. */
const folder = fileURLToPath(new URL('./fixtures/version-0.1', import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

test('a comparison of version 0.1 is read as one about perplexity', () => {
  const old = read('comparison.json');
  const { metric, evaluationSteps, variants, paired, ...comparison } = comparisonSchema.parse(old);
  expect(metric).toEqual(perplexity);
  expect(evaluationSteps).toEqual([2, 3, 5, 6]);
  expect(variants[0]!.runs[0]!.evaluations[1]).toEqual({
    step: 2,
    loss: 6.23895953502506,
    metrics: { perplexity: 512.325177130783, bitsPerByte: 4.594684927738419 },
  });
  // Its differences are those that would be computed today.
  expect(paired.map(({ ci95: _, ...result }) => result)).toEqual(
    pairedResults(metric, variants, 'swiglu', evaluationSteps).map(({ ci95: _, ...result }) => result),
  );
  expect(paired[3]).toMatchObject({ meanDifference: old.paired[3].meanLossDifference, n: 2 });
  expect(verdictSentence({ metric, evaluationSteps, variants, paired, ...comparison }, paired[3]!)).toContain(
    'show no difference in perplexity (0.00 %) over 2 seeds',
  );
});

test('a run folder of version 0.1 is read as one of today', () => {
  const run = readRunFolder(join(folder, 'dynactglu-seed-0'));
  const [first] = run.records();
  expect(first).toEqual({
    kind: 'evaluation',
    step: 0,
    tokens: 0,
    split: 'validation',
    loss: 6.240028104744852,
    metrics: { perplexity: 512.8729249029734, bitsPerByte: 4.595471876452897 },
    elapsedMs: 528.9871470000016,
  });
  expect(run.records().filter(({ kind }) => kind === 'evaluation')).toHaveLength(5);
  expect(run.readSummary()?.final).toEqual({
    step: 6,
    loss: 6.231122979299885,
    metrics: { perplexity: 508.32600267382, bitsPerByte: 4.262868604431431 },
  });
  // The last evaluation was over the whole split then.
  expect(run.readSummary()?.wholeSplit).toEqual(run.readSummary()?.final);
});
