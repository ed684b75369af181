import type { Metric } from '@dynact/runs/records';
import { z } from 'zod';
import { limited, mnist } from '../src/datasets.ts';
import type { NetworkStudy } from '../src/network-study.ts';
import { namedActivationSchema } from '../src/networks/activation-layer.ts';
import { plainAdam } from '../src/networks/adam.ts';
import { oneClass } from '../src/networks/one-class.ts';
import { oneClassNetwork } from '../src/networks/one-class-network.ts';
import type { Comparisons } from '../src/study.ts';
import { comparisonsTable, finalValues, markdownTable, verdictLines, withInterval } from '../src/tables.ts';

const settingsSchema = z.strictObject({
  seeds: z.array(z.int().nonnegative()).min(1).default([0, 1, 2]),
  classes: z.array(z.int().min(0).max(9)).default([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
  activations: z.record(z.string(), namedActivationSchema).default({
    relu: { name: 'relu' },
    'leaky-relu': { name: 'leaky-relu', negativeSlope: 0.1 },
    'apalu-smooth': { name: 'apalu', a: 0.5, b: 0.75 },
    'apalu-published': { name: 'apalu', a: 0.55, b: 0.065 },
  }),
  outputs: z.int().positive().default(32),
  steps: z.int().positive().default(300),
  batchSize: z.int().positive().default(200),
  learningRate: z.number().positive().default(1e-4),
  limit: z.int().positive().nullable().default(null),
});

type Settings = z.output<typeof settingsSchema>;

const area: Metric = { name: 'AUC', unit: '%', lowerIsBetter: false, scale: 'linear' };

export const deepSvdd: NetworkStudy<Settings> = {
  name: 'deep-svdd',
  claim: 'arXiv 2402.08244, one-class MNIST: APALU raises the average AUC by 0.8 %',
  chosen:
    'the network and loss of Ruff et al. 2018 (one class, 32 outputs, no biases), without the autoencoder that they train ' +
    'first and without their global contrast normalization; Adam at 0.0001, batches of 200.',
  metric: area,
  settings: settingsSchema,
  quick: {
    classes: [0, 3],
    seeds: [0],
    activations: { relu: { name: 'relu' }, 'apalu-smooth': { name: 'apalu' } },
    steps: 6,
    outputs: 4,
    batchSize: 20,
    limit: 600,
  },
  full: { seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], steps: 4500 },
  axes: ['classes', 'activations'],
  parts: ({ classes, activations, steps }) =>
    classes.map((normal) => ({
      ...{ name: `class-${normal}`, dataset: `MNIST, ${normal} is normal`, steps },
      evaluationSteps: [...new Set([Math.ceil(steps / 2), steps])],
      baseline: Object.keys(activations)[0]!,
      variants: activations,
    })),
  experiment({ settings, part, variant, seed }, compile) {
    const { outputs, batchSize, limit, learningRate } = settings;
    const network = oneClassNetwork(outputs, settings.activations[variant]!);
    const normal = Number(part.replace('class-', ''));
    const data = limited(mnist(), limit);
    return oneClass({ network, outputs, data, normal, batchSize, seed, transform: plainAdam(learningRate), compile });
  },
  describe: (comparisons) =>
    [averages(comparisons), comparisonsTable(comparisons), verdictLines(comparisons)].join('\n\n'),
};

/** The mean over the classes, seed by seed. */
function averages(comparisons: Comparisons): string {
  const found = [...comparisons.values()];
  const rows = (found[0]?.variants ?? []).map(({ name }) => {
    const byClass = found.map((comparison) => finalValues(comparison, name));
    const ofSeeds = (byClass[0] ?? []).map(
      (_, seed) => byClass.reduce((sum, values) => sum + (values[seed] ?? Number.NaN), 0) / byClass.length,
    );
    return [name, withInterval(ofSeeds, (value) => value.toFixed(2))];
  });
  return markdownTable([`mean AUC (%) of ${found.length} classes`, 'mean ± 95 % interval over seeds'], rows);
}
