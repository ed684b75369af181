import type { Metric } from '@dynact/runs/records';
import { z } from 'zod';
import { limited, mnist } from '../src/datasets.ts';
import type { NetworkStudy } from '../src/network-study.ts';
import { namedActivationSchema } from '../src/networks/activation-layer.ts';
import { plainAdam } from '../src/networks/adam.ts';
import { oneClass } from '../src/networks/one-class.ts';
import { oneClassNetwork } from '../src/networks/one-class-network.ts';
import type { Comparisons } from '../src/study.ts';
import {
  comparisonsTable,
  finalValuesBySeed,
  markdownTable,
  pairedDifference,
  verdictLines,
  withInterval,
} from '../src/tables.ts';

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
  chosen: ({ outputs, learningRate, steps, batchSize }) =>
    `the network and loss of Ruff et al. 2018 (one class, ${outputs} outputs, no biases), without the autoencoder that they ` +
    `train first and without their global contrast normalization; Adam at ${learningRate}, ${steps} steps of ${batchSize} ` +
    'pictures, of which a class has about 6 000 (theirs: 150 epochs).',
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

/** The mean over the classes, seed by seed: what the claim is about. */
function averages(comparisons: Comparisons): string {
  const found = [...comparisons.values()];
  const names = (found[0]?.variants ?? []).map(({ name }) => name);
  const means = names.map((name) => meanBySeed(found.map((comparison) => finalValuesBySeed(comparison, name))));
  const rows = names.map((name, index) => [
    name,
    withInterval([...means[index]!.values()], (value) => value.toFixed(2)),
    index === 0 ? '' : pairedDifference(means[0]!, means[index]!, 2),
  ]);
  const heads = [`mean AUC (%) of ${found.length} classes`, 'mean ± 95 % interval over seeds', `less ${names[0]}'s`];
  return markdownTable(heads, rows);
}

/** Means of the seeds that every class has. */
function meanBySeed(classes: readonly ReadonlyMap<number, number>[]): Map<number, number> {
  const seeds = [...(classes[0]?.keys() ?? [])].filter((seed) => classes.every((values) => values.has(seed)));
  const mean = (seed: number) => classes.reduce((sum, values) => sum + values.get(seed)!, 0) / classes.length;
  return new Map(seeds.map((seed) => [seed, mean(seed)]));
}
