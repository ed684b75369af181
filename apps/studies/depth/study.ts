import type { Comparison } from '@dynact/runs/records';
import { z } from 'zod';
import { limited, mnist } from '../src/datasets.ts';
import { accuracy, baseActivations } from '../src/mnist-settings.ts';
import type { NetworkStudy } from '../src/network-study.ts';
import { namedActivationSchema } from '../src/networks/activation-layer.ts';
import { plainAdam } from '../src/networks/adam.ts';
import { classification } from '../src/networks/classification.ts';
import { denseNetwork } from '../src/networks/dense-network.ts';
import { comparisonsTable, finalValues, meanWithInterval } from '../src/tables.ts';

const settingsSchema = z.strictObject({
  seeds: z.array(z.int().nonnegative()).min(1).default([0, 1, 2, 3, 4]),
  layers: z.array(z.int().positive()).default([1, 5, 10, 15, 25, 35, 50, 75]),
  activations: z.record(z.string(), namedActivationSchema).default(baseActivations),
  width: z.int().positive().default(64),
  steps: z.int().positive().default(235),
  batchSize: z.int().positive().default(256),
  learningRate: z.number().positive().default(2e-3),
  limit: z.int().positive().nullable().default(null),
});

type Settings = z.output<typeof settingsSchema>;

export const depth: NetworkStudy<Settings> = {
  name: 'depth',
  claim:
    'arXiv 2603.22154, MNIST, 1 to 75 layers: dynActivation(Mish) never below 95 % (95.3 to 99.3), ReLU below 80 % at 25 layers',
  chosen: ({ width, learningRate, steps, batchSize }) =>
    "The paper names neither width, optimizer, epochs nor initial values. Ours: dense layers, Glorot's normal initial values, " +
    `biases, no normalization, no short cuts; ${width} wide; Adam at ${learningRate} (constant, no decay, no clipping), ` +
    `${steps} steps of ${batchSize} pictures, of which an epoch has 60 000. ` +
    "dynActivation: one alpha and one beta a layer, from 1 and 0, Adam's rate.",
  metric: accuracy,
  settings: settingsSchema,
  quick: {
    seeds: [0],
    layers: [1, 3],
    activations: { relu: { name: 'relu' }, 'dynactivation-mish': { name: 'dynactivation', base: 'mish' } },
    width: 16,
    steps: 12,
    batchSize: 32,
    limit: 1000,
  },
  full: { seeds: [0, 1, 2, 3, 4, 5, 6, 7], width: 128, batchSize: 128, steps: 4690, learningRate: 1e-3 },
  axes: ['layers', 'activations'],
  parts: ({ layers, activations, steps }) =>
    layers.map((count) => ({
      name: `layers-${count}`,
      dataset: `MNIST, ${count} ${count === 1 ? 'layer' : 'layers'}`,
      steps,
      evaluationSteps: [...new Set([Math.ceil(steps / 2), steps])],
      baseline: Object.keys(activations)[0]!,
      variants: activations,
    })),
  experiment({ settings, part, variant, seed }, compile) {
    const { width, activations, batchSize, limit } = settings;
    const activation = activations[variant]!;
    const layers = Number(part.replace('layers-', ''));
    const network = denseNetwork({ inputs: 28 * 28, width, layers, outputs: 10, activation });
    const transform = plainAdam(settings.learningRate);
    return classification({ network, data: limited(mnist(), limit), batchSize, seed, transform, compile });
  },
  describe(comparisons) {
    return `${comparisonsTable(comparisons)}\n\n${verdicts([...comparisons.values()]).join('\n')}`;
  },
};

/** The paper's two sentences about absolute accuracy, held against every depth that was trained. */
function verdicts(comparisons: readonly Comparison[]): string[] {
  const below = (variant: string, limit: number) =>
    comparisons.filter((comparison) => {
      const values = finalValues(comparison, variant);
      return values.length > 0 && values.reduce((sum, value) => sum + value, 0) / values.length < limit;
    });
  const listed = (found: readonly Comparison[], variant: string) =>
    found.map((comparison) => `${comparison.dataset}: ${meanWithInterval(comparison, variant)}`).join('; ');
  const low = below('dynactivation-mish', 95);
  const relu = comparisons.filter(({ dataset }) => dataset === 'MNIST, 25 layers');
  return [
    low.length === 0
      ? '"dynActivation(Mish) never below 95 %" holds here.'
      : `"dynActivation(Mish) never below 95 %" does not hold here: ${listed(low, 'dynactivation-mish')}.`,
    ...(relu.length === 0
      ? []
      : [
          `"ReLU below 80 % at 25 layers" ${below('relu', 80).includes(relu[0]!) ? 'holds' : 'does not hold'} here: ${listed(relu, 'relu')}.`,
        ]),
  ];
}
