import { z } from 'zod';
import { limited, pictureSet, pictureSetNames } from '../src/datasets.ts';
import { accuracy } from '../src/mnist-settings.ts';
import type { NetworkStudy } from '../src/network-study.ts';
import { namedActivationSchema } from '../src/networks/activation-layer.ts';
import { plainAdam } from '../src/networks/adam.ts';
import { attentionNetwork } from '../src/networks/attention-network.ts';
import { classification } from '../src/networks/classification.ts';
import { comparisonsTable, verdictLines } from '../src/tables.ts';

const settingsSchema = z.strictObject({
  seeds: z.array(z.int().nonnegative()).min(1).default([0, 1, 2, 3, 4, 5, 6, 7]),
  datasets: z.array(z.enum(pictureSetNames)).default(['sign-language-digits', 'cifar-10']),
  activations: z.record(z.string(), namedActivationSchema).default({
    relu: { name: 'relu' },
    'leaky-relu': { name: 'leaky-relu' },
    elu: { name: 'elu' },
    gelu: { name: 'gelu' },
    'apalu-smooth': { name: 'apalu', a: 0.5, b: 0.75 },
    'apalu-published': { name: 'apalu', a: 0.55, b: 0.065 },
  }),
  features: z.array(z.int().positive()).min(1).default([8, 16, 32]),
  steps: z.int().positive().default(800),
  batchSize: z.int().positive().default(64),
  learningRate: z.number().positive().default(2e-3),
  limit: z.int().positive().nullable().default(null),
});

type Settings = z.output<typeof settingsSchema>;

export const apaluImages: NetworkStudy<Settings> = {
  name: 'apalu-images',
  claim: 'arXiv 2402.08244, CIFAR-10: APALU +0.37 % (MobileNet), +0.04 % (GoogLeNet); sign language digits 100 %',
  chosen: ({ features, learningRate, steps, batchSize }) =>
    `3 x 3 convolutions (to ${features.join(', ')} maps) with batch normalization in place of MobileNet and GoogLeNet, ` +
    'pictures of 32 x 32; APALU from a = 0.5, b = 0.75 (where it is smooth) and from the published defaults 0.55 and 0.065; ' +
    `Adam at ${learningRate}, ${steps} steps of ${batchSize} pictures; of the sign language digits every fifth picture of a ` +
    'class is for the test.',
  metric: accuracy,
  settings: settingsSchema,
  quick: {
    datasets: ['mnist'],
    seeds: [0],
    activations: { relu: { name: 'relu' }, 'apalu-smooth': { name: 'apalu' } },
    features: [4],
    steps: 8,
    limit: 500,
    batchSize: 16,
  },
  full: { features: [32, 64, 128, 256], steps: 19_500, batchSize: 128 },
  axes: ['datasets', 'activations'],
  parts: ({ datasets, activations, steps }) =>
    datasets.map((name) => ({
      ...{ name, dataset: name, steps },
      evaluationSteps: [...new Set([0.25, 0.5, 0.75, 1].map((share) => Math.ceil(share * steps)))],
      baseline: Object.keys(activations)[0]!,
      variants: activations,
    })),
  experiment({ settings, part, variant, seed }, compile) {
    const { features, batchSize, limit } = settings;
    const data = limited(pictureSet(pictureSetNames.find((name) => name === part)!), limit);
    const { channels, classes: outputs } = data.train;
    const activation = settings.activations[variant]!;
    const network = attentionNetwork({ channels, features, outputs, activation, attention: false });
    const augmentation = { shift: 3, flip: part === 'cifar-10' };
    const transform = plainAdam(settings.learningRate);
    return classification({ network, data, batchSize, seed, transform, augmentation, compile });
  },
  describe: (comparisons) => `${comparisonsTable(comparisons)}\n\n${verdictLines(comparisons)}`,
};
