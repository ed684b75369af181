import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, readJson } from '@dynact/files';
import { comparisonSchema } from '@dynact/runs/records';
import { renderReport } from '@dynact/runs/report';
import type { FuzzTarget } from '../../../test/fuzz/target.ts';
import { ComparisonFolder, describeComparison, planComparison } from '../src/index.ts';

const sample = (name: string) => readFileSync(new URL(`../../runs/test/fixtures/version-0.1/${name}`, import.meta.url));
const plan = planComparison({});
const configuration = {
  dataset: { name: 'gutenberg-books', vocabSize: 512 },
  model: { layers: 1, width: 16, heads: 2, feedForward: { kind: 'dynactglu', activation: { name: 'mish' } } },
  training: { steps: 8, evaluation: { steps: [2, 4], batches: 2 }, sample: { prompt: 'Emma' } },
  comparison: { seeds: [0, 1], baseline: 'a', variants: { a: {}, b: { model: { bias: true } } } },
};

export const targets: FuzzTarget[] = [
  {
    kind: 'run and comparison folders',
    name: 'comparison.json',
    samples: [sample('comparison.json')],
    async read(input, folder) {
      const path = join(folder, 'comparison.json');
      writeFileSync(path, input);
      const comparison = readJson(path, comparisonSchema, 'compare anew');
      describeComparison(comparison);
      await renderReport(comparison);
    },
  },
  {
    kind: 'run and comparison folders',
    name: 'comparison folder',
    samples: [sample('config.json')],
    read(input, folder) {
      mkdirSync(join(folder, 'comparison'));
      writeFileSync(join(folder, 'comparison', 'config.json'), input);
      ComparisonFolder.open(join(folder, 'comparison'), plan, { train: 'a', validation: 'b' }).close();
    },
  },
  {
    kind: 'configurations',
    name: 'configuration',
    samples: [Buffer.from(JSON.stringify(configuration))],
    read(input) {
      let raw: unknown;
      try {
        raw = JSON.parse(Buffer.from(input).toString('utf8'));
      } catch {
        throw new InputError('configuration', 'not JSON, as the command says');
      }
      if (typeof raw === 'object' && raw !== null && !Array.isArray(raw))
        planComparison(raw as Record<string, unknown>);
    },
  },
];
