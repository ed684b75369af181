import { z } from 'zod';
import { fixedNames } from '../fixed/curves.ts';
import { createApalu } from '../trainable/apalu.ts';
import { createDynActivation } from '../trainable/dynactivation.ts';
import { createPrelu } from '../trainable/prelu.ts';
import { createXielu } from '../trainable/xielu.ts';
import { entry, parameterOptions, type RegistryEntry } from './entry.ts';

const start = z.number().optional();

export const trainableEntries: readonly RegistryEntry[] = [
  entry(
    'dynactivation',
    {
      title: 'dynActivation',
      formula: 'base(x) (alpha - beta) + beta x',
      source: 'arXiv 2603.22154',
      parameters: { alpha: 'weight of the base; starts at 1', beta: 'weight of the straight line; starts at 0' },
      smooth: true,
      note:
        'Start values, no weight decay and the form of dynActGLU are our reading: the paper does not state them. ' +
        'The base is any fixed activation; as smooth as its base.',
    },
    { base: z.enum(fixedNames).optional(), alpha: start, beta: start, ...parameterOptions },
    createDynActivation,
  ),
  entry(
    'apalu',
    {
      title: 'APALU',
      formula: 'x >= 0: a (x + x s(1.702 x)); x < 0: b (e^x - 1)',
      source: 'arXiv 2402.08244',
      parameters: { a: '> 0 by softplus; starts at 0.5', b: '> 0 by softplus; starts at 0.75' },
      smooth: false,
      note: 'Continuously differentiable exactly where b = 1.5 a, which is why our start values are 0.5 and 0.75.',
    },
    { a: start, b: start, ...parameterOptions },
    createApalu,
  ),
  entry(
    'prelu',
    {
      title: 'PReLU',
      formula: 'max(0, x) + a min(0, x)',
      source: 'He et al. 2015, arXiv 1502.01852',
      parameters: { a: 'slope for x < 0; starts at 0.25' },
      smooth: false,
    },
    { a: start, ...parameterOptions },
    createPrelu,
  ),
  entry(
    'xielu',
    {
      title: 'xIELU',
      formula: 'x > 0: ap x^2 + x/2; x <= 0: an (e^x - 1) - an x + x/2',
      source: 'Huang and Schlag 2024, arXiv 2411.13010',
      parameters: { ap: '> 0 by softplus; starts at 0.8', an: '> 0.5 by softplus; starts at 0.8' },
      smooth: false,
    },
    { ap: start, an: start, ...parameterOptions },
    createXielu,
  ),
];
