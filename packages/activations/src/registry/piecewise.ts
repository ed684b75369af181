import { z } from 'zod';
import { createApalu } from '../trainable/apalu.ts';
import { createApl } from '../trainable/apl.ts';
import { createPelu } from '../trainable/pelu.ts';
import { createPrelu } from '../trainable/prelu.ts';
import { createRelun, createShilu, createStarRelu } from '../trainable/rectified.ts';
import { createSrelu } from '../trainable/srelu.ts';
import { createXielu } from '../trainable/xielu.ts';
import { entry, parameterOptions, type RegistryEntry, starts } from './entry.ts';

const PISHCHIK = 'Pishchik 2023, Trainable Activations for Image Classification';

/** One formula on each side of a threshold. */
export const piecewiseEntries: readonly RegistryEntry[] = [
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
    starts('a', 'b'),
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
    starts('a'),
    createPrelu,
  ),
  entry(
    'pelu',
    {
      title: 'PELU',
      formula: 'x >= 0: (a / b) x; x < 0: a (e^(x / b) - 1)',
      source: 'Trottier, Giguere and Chaib-draa 2016, arXiv 1605.09332',
      parameters: { a: '> 0 by softplus; starts at 1', b: '> 0 by softplus; starts at 1' },
      smooth: false,
      note: 'The paper keeps a and b >= 0.1 by clipping; softplus does it without a dead zone.',
    },
    starts('a', 'b'),
    createPelu,
  ),
  entry(
    'srelu',
    {
      title: 'SReLU',
      formula: 'x <= tl: tl + al (x - tl); tl < x < tr: x; x >= tr: tr + ar (x - tr)',
      source: 'Jin et al. 2015, arXiv 1512.07030',
      parameters: {
        tl: 'left threshold; starts at 0',
        al: 'left slope; starts uniform in [0, 1)',
        tr: 'right threshold, >= tl; starts uniform in [tl, tl + 5)',
        ar: 'right slope; starts at 1',
      },
      smooth: false,
    },
    starts('tl', 'al', 'tr', 'ar'),
    createSrelu,
  ),
  entry(
    'apl',
    {
      title: 'APL, adaptive piecewise linear unit',
      formula: 'max(0, x) + sum over hinges i of ai max(0, bi - x)',
      source: 'Agostinelli et al. 2014, arXiv 1412.6830',
      parameters: {
        'a1, a2, ...': 'slope of each hinge; starts uniform in [-0.5, 0.5)',
        'b1, b2, ...': 'position of each hinge; starts normal with standard deviation 0.5',
      },
      smooth: false,
      note: 'Option hinges says how many (default 2); options a and b give start values, one per hinge.',
    },
    {
      hinges: z.number().optional(),
      a: z.array(z.number()).optional(),
      b: z.array(z.number()).optional(),
      ...parameterOptions,
    },
    createApl,
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
    starts('ap', 'an'),
    createXielu,
  ),
  entry(
    'starrelu',
    {
      title: 'StarReLU',
      formula: 's max(0, x)^2 + b',
      source: 'Yu et al. 2022, arXiv 2210.13452',
      parameters: { s: 'starts at 1', b: 'starts at 0' },
      smooth: false,
      note: "The paper's own models start s at 0.8944 and b at -0.4472, which keeps unit variance for normal inputs.",
    },
    starts('s', 'b'),
    createStarRelu,
  ),
  entry(
    'shilu',
    {
      title: 'ShiLU',
      formula: 'a max(0, x) + b',
      source: PISHCHIK,
      parameters: { a: 'slope; starts at 1', b: 'constant; starts at 1' },
      smooth: false,
    },
    starts('a', 'b'),
    createShilu,
  ),
  entry(
    'relun',
    {
      title: 'ReLUN',
      formula: 'min(max(0, x), a)',
      source: PISHCHIK,
      parameters: { a: 'ceiling; starts at 1' },
      smooth: false,
    },
    starts('a'),
    createRelun,
  ),
];
