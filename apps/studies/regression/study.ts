import { splitTable, type TableSplit } from '@dynact/images';
import type { Metric } from '@dynact/runs/records';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { mackeyGlass, regressionTable, tableNames } from '../src/datasets.ts';
import type { NetworkStudy } from '../src/network-study.ts';
import { namedActivationSchema } from '../src/networks/activation-layer.ts';
import { plainAdam } from '../src/networks/adam.ts';
import { denseNetwork } from '../src/networks/dense-network.ts';
import type { Network } from '../src/networks/network.ts';
import { recurrentNetwork } from '../src/networks/recurrent-network.ts';
import { regression as leastSquares } from '../src/networks/regression.ts';
import { comparisonsTable, verdictLines } from '../src/tables.ts';

const settingsSchema = z.strictObject({
  seeds: z
    .array(z.int().nonnegative())
    .min(1)
    .default(Array.from({ length: 20 }, (_, split) => split)),
  datasets: z.array(z.enum([...tableNames, 'mackey-glass'])).default(['concrete', 'energy', 'kin8nm', 'mackey-glass']),
  activations: z.record(z.string(), namedActivationSchema).default({
    relu: { name: 'relu' },
    gelu: { name: 'gelu' },
    'apalu-smooth': { name: 'apalu', a: 0.5, b: 0.75 },
    'apalu-published': { name: 'apalu', a: 0.55, b: 0.065 },
  }),
  layers: z.int().positive().default(2),
  width: z.int().positive().default(50),
  units: z.int().positive().default(16),
  window: z.int().positive().default(16),
  steps: z.int().positive().default(1000),
  batchSize: z.int().positive().default(64),
  learningRate: z.number().positive().default(3e-3),
});

type Settings = z.output<typeof settingsSchema>;

const rmse: Metric = { name: 'RMSE', unit: '', lowerIsBetter: true, scale: 'linear' };

export const regression: NetworkStudy<Settings> = {
  name: 'regression',
  claim:
    'arXiv 2402.08244: APALU is ahead in regression, with dense and with recurrent networks, on data sets that it does not all name',
  chosen: ({ layers, width, units, learningRate, steps, batchSize }) =>
    `concrete, energy and kin8nm with ${layers} dense layers of ${width}, and the Mackey-Glass series (tau 17) with an LSTM of ` +
    `${units} units whose candidate and cell pass the activation; random splits of 90 and 10 %, which are the seeds; Adam at ` +
    `${learningRate}, ${steps} steps of ${batchSize} examples.`,
  metric: rmse,
  settings: settingsSchema,
  quick: {
    datasets: ['mackey-glass'],
    seeds: [0, 1],
    activations: { relu: { name: 'relu' }, 'apalu-smooth': { name: 'apalu' } },
    units: 4,
    window: 6,
    steps: 20,
    batchSize: 16,
  },
  full: { steps: 10_000 },
  axes: ['datasets', 'activations'],
  parts: ({ datasets, activations, steps }) =>
    datasets.map((name) => ({
      ...{ name, dataset: name, steps },
      evaluationSteps: [...new Set([0.25, 0.5, 1].map((share) => Math.ceil(share * steps)))],
      baseline: Object.keys(activations)[0]!,
      variants: activations,
    })),
  experiment({ settings, part, variant, seed }, compile) {
    const { layers, width, units, window, batchSize, learningRate } = settings;
    const activation = settings.activations[variant]!;
    const common = { batchSize, seed, compile, transform: plainAdam(learningRate) };
    const name = tableNames.find((table) => table === part);
    if (name === undefined) {
      const split: TableSplit = splitTable(mackeyGlass(window), seed);
      const network = recurrentNetwork(units, activation);
      return leastSquares({ ...common, split, shape: [window, 1], network: ofAnyRank(network) });
    }
    const table = regressionTable(name);
    const network = denseNetwork({ inputs: table.features, width, layers, outputs: 1, activation });
    return leastSquares({ ...common, split: splitTable(table, seed), shape: [table.features], network });
  },
  describe: (comparisons) => `${comparisonsTable(comparisons)}\n\n${verdictLines(comparisons)}`,
};

function ofAnyRank(network: Network<tf.Tensor3D>): Network {
  return { ...network, apply: (x, training) => network.apply(x as tf.Tensor3D, training) };
}
