import { evaluationPictureBatches, normalizationOf } from '@dynact/images';
import type { Metric } from '@dynact/runs/records';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { limited, mnist } from '../src/datasets.ts';
import { baseActivations } from '../src/mnist-settings.ts';
import type { NetworkStudy } from '../src/network-study.ts';
import { namedActivationSchema } from '../src/networks/activation-layer.ts';
import { plainAdam } from '../src/networks/adam.ts';
import { batchTensors, classification } from '../src/networks/classification.ts';
import { denseNetwork } from '../src/networks/dense-network.ts';
import { attackedAnswers } from '../src/networks/fast-gradient-sign.ts';
import { pictureNetwork } from '../src/networks/picture-network.ts';
import { comparisonsTable, markdownTable, verdictLines, withInterval } from '../src/tables.ts';

const settingsSchema = z.strictObject({
  seeds: z.array(z.int().nonnegative()).min(1).default([0, 1, 2, 3, 4, 5]),
  networks: z.array(z.enum(['dense', 'convolutional'])).default(['dense', 'convolutional']),
  activations: z.record(z.string(), namedActivationSchema).default(baseActivations),
  layers: z.int().positive().default(5),
  width: z.int().positive().default(32),
  features: z.array(z.int().positive()).min(1).default([8, 16]),
  steps: z.int().positive().default(469),
  batchSize: z.int().positive().default(128),
  learningRate: z.number().positive().default(1e-3),
  limit: z.int().positive().nullable().default(null),
});

type Settings = z.output<typeof settingsSchema>;

/** Of pixels from 0 to 1; the paper's is the last but one. */
const epsilons = [0, 0.02, 0.04, 0.06, 0.08, 0.1];
const claimed = 0.08;

/** Points of accuracy that an attack of epsilon 0.08 takes. */
const drop: Metric = { name: 'drop', unit: '%', lowerIsBetter: true, scale: 'linear' };

export const fgsm: NetworkStudy<Settings> = {
  name: 'fgsm',
  claim: "arXiv 2603.22154, MNIST, epsilon 0.08: dynActivation's accuracy drops by 55.39 %, ReLU's by 62.79 %",
  chosen: ({ layers, width, features, learningRate, steps, batchSize }) =>
    `the networks: ${layers} dense layers of ${width}, and 3 x 3 convolutions to ${features.join(', then ')} maps with pooling; ` +
    'epsilon is of pixels from 0 to 1, moved pixels are cut off at black and white, the drop is in points of accuracy; ' +
    `Adam at ${learningRate}, ${steps} steps of ${batchSize} pictures, of which an epoch has 60 000.`,
  metric: drop,
  settings: settingsSchema,
  quick: {
    seeds: [0],
    networks: ['convolutional'],
    activations: { relu: { name: 'relu' }, 'dynactivation-mish': { name: 'dynactivation', base: 'mish' } },
    features: [4],
    steps: 8,
    batchSize: 32,
    limit: 500,
  },
  full: { seeds: [0, 1, 2, 3, 4, 5, 6, 7], width: 128, features: [32, 64], steps: 4690 },
  axes: ['networks', 'activations'],
  parts: ({ networks, activations, steps }) =>
    networks.map((name) => ({
      ...{ name, steps, dataset: `MNIST, ${name}` },
      evaluationSteps: [steps],
      baseline: Object.keys(activations)[0]!,
      variants: activations,
    })),
  experiment({ settings, part, variant, seed }, compile) {
    const { layers, width, features, batchSize, limit } = settings;
    const activation = settings.activations[variant]!;
    const network =
      part === 'dense'
        ? denseNetwork({ inputs: 28 * 28, width, layers, outputs: 10, activation })
        : pictureNetwork({ channels: 1, side: 28, features, outputs: 10, activation });
    const data = limited(mnist(), limit);
    const transform = plainAdam(settings.learningRate);
    const experiment = classification({ network, data, batchSize, seed, transform, compile });
    const normalization = normalizationOf(data.train);
    const [mean, deviation] = [normalization.mean[0]!, normalization.deviation[0]!];
    const answers = attackedAnswers(
      network,
      [-mean / deviation, (1 - mean) / deviation],
      epsilons.map((epsilon) => epsilon / deviation),
      compile,
    );
    const tests = evaluationPictureBatches(data.test, normalization, 500);
    return {
      ...experiment,
      async evaluate() {
        const { loss } = await experiment.evaluate();
        const right = epsilons.map(() => 0);
        for (const test of tests) {
          const batch = batchTensors(data.test, test);
          const found = answers(batch);
          for (const [index, count] of (await found.data()).entries()) right[index]! += count;
          tf.dispose([batch, found]);
        }
        const count = data.test.labels.length;
        const accuracies = right.map((sum) => (100 * sum) / count);
        const named = epsilons.map((epsilon, index) => [`accuracy at ${epsilon}`, accuracies[index]!]);
        return {
          loss,
          metrics: { drop: accuracies[0]! - accuracies[epsilons.indexOf(claimed)]!, ...Object.fromEntries(named) },
        };
      },
    };
  },
  describe(comparisons) {
    const tables = [...comparisons].map(([part, { variants, steps }]) => {
      const rows = variants.map(({ name, runs }) => [
        name,
        ...epsilons.map((epsilon) => {
          const last = runs.flatMap(({ evaluations }) => evaluations.filter(({ step }) => step === steps));
          const values = last.flatMap(({ metrics }) => metrics[`accuracy at ${epsilon}`] ?? []);
          return withInterval(values, (value) => value.toFixed(2));
        }),
      ]);
      return markdownTable([`${part}: accuracy (%) at epsilon`, ...epsilons.map(String)], rows);
    });
    return [...tables, comparisonsTable(comparisons), verdictLines(comparisons)].join('\n\n');
  },
};
