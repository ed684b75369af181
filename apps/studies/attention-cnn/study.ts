import type { Comparison, Metric } from '@dynact/runs/records';
import { z } from 'zod';
import { limited, pictureSet, pictureSetNames } from '../src/datasets.ts';
import { accuracy } from '../src/mnist-settings.ts';
import type { NetworkStudy } from '../src/network-study.ts';
import { namedActivationSchema } from '../src/networks/activation-layer.ts';
import { plainAdam } from '../src/networks/adam.ts';
import { attentionNetwork } from '../src/networks/attention-network.ts';
import { classification } from '../src/networks/classification.ts';
import { comparisonsTable, markdownTable, pairedDifference, verdictLines, withInterval } from '../src/tables.ts';

const settingsSchema = z.strictObject({
  seeds: z.array(z.int().nonnegative()).min(1).default([0, 1, 2, 3, 4, 5, 6, 7]),
  dataset: z.enum(pictureSetNames).default('cifar-10'),
  activations: z.record(z.string(), namedActivationSchema).default({
    mish: { name: 'mish' },
    'dynactivation-mish': { name: 'dynactivation', base: 'mish' },
    relu: { name: 'relu' },
  }),
  networks: z.array(z.enum(['attention', 'plain'])).default(['attention', 'plain']),
  features: z.array(z.int().positive()).min(1).default([8, 16, 32]),
  epochs: z.int().positive().default(5),
  stepsPerEpoch: z.int().positive().default(390),
  batchSize: z.int().positive().default(128),
  learningRate: z.number().positive().default(2e-3),
  shift: z.int().nonnegative().default(4),
  limit: z.int().positive().nullable().default(null),
});

type Settings = z.output<typeof settingsSchema>;

export const attentionCnn: NetworkStudy<Settings> = {
  name: 'attention-cnn',
  claim:
    'arXiv 2603.22154, CIFAR-10: dynActivation(Mish) over static Mish up to +14.02 %, on average +6.00 %; convergence-AUC 2120 against 2785',
  chosen: ({ features, learningRate, epochs, batchSize, shift }) =>
    `blocks of a 3 x 3 convolution (to ${features.join(', ')} maps), batch normalization, the activation, CBAM attention and ` +
    `a maximum; Adam at ${learningRate}, ${epochs} epochs, batches of ${batchSize}, shifts of ${shift} pixels and flips; ` +
    'convergence-AUC is the area under 100 - accuracy over epochs, from epoch 0.',
  metric: accuracy,
  settings: settingsSchema,
  quick: {
    ...{ dataset: 'mnist', seeds: [0], features: [4], epochs: 2, stepsPerEpoch: 4, limit: 500, batchSize: 16 },
    activations: { relu: { name: 'relu' }, 'dynactivation-mish': { name: 'dynactivation', base: 'mish' } },
  },
  full: { features: [64, 128, 256, 512], epochs: 50 },
  axes: ['networks', 'activations'],
  parts: ({ networks, dataset, activations, epochs, stepsPerEpoch }) =>
    networks.map((name) => ({
      ...{ name, dataset: `${dataset}, ${name}`, steps: epochs * stepsPerEpoch },
      evaluationSteps: Array.from({ length: epochs }, (_, epoch) => (epoch + 1) * stepsPerEpoch),
      baseline: Object.keys(activations)[0]!,
      variants: activations,
    })),
  experiment({ settings, part, variant, seed }, compile) {
    const { features, batchSize, limit, shift } = settings;
    const data = limited(pictureSet(settings.dataset), limit);
    const { channels, classes: outputs } = data.train;
    const activation = settings.activations[variant]!;
    const network = attentionNetwork({ channels, features, outputs, activation, attention: part === 'attention' });
    // A digit in a mirror is another sign.
    const augmentation = { shift, flip: settings.dataset === 'cifar-10' };
    const transform = plainAdam(settings.learningRate);
    return classification({ network, data, batchSize, seed, transform, augmentation, compile });
  },
  describe(comparisons) {
    const rows = [...comparisons].flatMap(([part, comparison]) =>
      comparison.variants.map(({ name }) => [
        `${part}, ${name}`,
        withInterval([...convergenceAreas(comparison, name).values()], (area) => area.toFixed(1)),
        areaDifference(comparison, name),
      ]),
    );
    const heads = [
      'convergence-AUC (points x epochs, lower is better)',
      'mean ± 95 % interval',
      'against the baseline',
    ];
    return [comparisonsTable(comparisons), markdownTable(heads, rows), verdictLines(comparisons)].join('\n\n');
  },
};

/** The area under 100 - accuracy over epochs, by seed, with the trapezoidal rule. */
export function convergenceAreas({ variants, evaluationSteps }: Comparison, variant: string): Map<number, number> {
  const runs = variants.find(({ name }) => name === variant)?.runs ?? [];
  const complete = runs.filter(({ evaluations }) => evaluations.length === evaluationSteps.length + 1);
  return new Map(
    complete.map(({ seed, evaluations }) => {
      const errors = evaluations.map(({ metrics }) => 100 - metrics[accuracyName]!);
      const area = errors.slice(1).reduce((sum, error, epoch) => sum + (error + errors[epoch]!) / 2, 0);
      return [seed, area];
    }),
  );
}

const accuracyName: Metric['name'] = accuracy.name;

function areaDifference(comparison: Comparison, variant: string): string {
  const baseline = comparison.variants[0]!.name;
  if (variant === baseline) return '';
  return pairedDifference(convergenceAreas(comparison, baseline), convergenceAreas(comparison, variant), 1);
}
