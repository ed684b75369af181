import { z } from 'zod';
import { fixedNames } from '../fixed/curves.ts';
import { createAconC } from '../trainable/acon-c.ts';
import { createApalu } from '../trainable/apalu.ts';
import { createApl } from '../trainable/apl.ts';
import { createDynActivation } from '../trainable/dynactivation.ts';
import { createExpanded } from '../trainable/expanded.ts';
import { createLinComb } from '../trainable/lincomb.ts';
import { createPau } from '../trainable/pau.ts';
import { createPelu } from '../trainable/pelu.ts';
import { createPolyNorm } from '../trainable/polynorm.ts';
import { createPolyRelu } from '../trainable/polyrelu.ts';
import { createPrelu } from '../trainable/prelu.ts';
import { createRelun, createShilu, createStarRelu } from '../trainable/rectified.ts';
import { createScaledSoftSign } from '../trainable/scaled-softsign.ts';
import { createSrelu } from '../trainable/srelu.ts';
import { createSwishBeta } from '../trainable/swish-beta.ts';
import { createWave } from '../trainable/wave.ts';
import { createXielu } from '../trainable/xielu.ts';
import { entry, parameterOptions, type RegistryEntry } from './entry.ts';

/** Start values by name. */
function starts<Name extends string>(...names: Name[]) {
  const shape = Object.fromEntries(names.map((name) => [name, z.number().optional()]));
  return { ...(shape as Record<Name, z.ZodOptional<z.ZodNumber>>), ...parameterOptions };
}

const PISHCHIK = 'Pishchik 2023, Trainable Activations for Image Classification';
const EXPANDED = 'Huang 2024, arXiv 2405.20768';
const POLYNOMIAL = 'Zhuo et al. 2024, arXiv 2411.03884';
const expandedParameters = { a: 'how far the gate reaches beyond [0, 1] on both sides; starts at 0' };

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
        'The base is any fixed activation (default silu); dynActivation is as smooth as its base.',
    },
    { base: z.enum(fixedNames).optional(), ...starts('alpha', 'beta') },
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
    'swish-beta',
    {
      title: 'Swish-beta',
      formula: 'x s(beta x)',
      source: 'Ramachandran, Zoph and Le 2017, arXiv 1710.05941',
      parameters: { beta: 'steepness; starts at 1, which is SiLU' },
      smooth: true,
    },
    starts('beta'),
    createSwishBeta,
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
    'pau',
    {
      title: 'PAU, Pade activation unit (version A, degrees 5 and 4)',
      formula: '(p0 + p1 x + ... + p5 x^5) / (1 + |q1 x| + |q2 x^2| + |q3 x^3| + |q4 x^4|)',
      source: 'Molina, Schramowski and Kersting 2019, arXiv 1907.06732',
      parameters: {
        'p0 ... p5': 'numerator; start fitted to leaky ReLU on [-3, 3]',
        'q1 ... q4': 'denominator; start fitted to leaky ReLU on [-3, 3]',
      },
      smooth: false,
    },
    { numerator: z.array(z.number()).optional(), denominator: z.array(z.number()).optional(), ...parameterOptions },
    createPau,
  ),
  entry(
    'acon-c',
    {
      title: 'ACON-C',
      formula: '(p1 - p2) x s(beta (p1 - p2) x) + p2 x',
      source: 'Ma et al. 2020, arXiv 2009.04759',
      parameters: {
        p1: 'slope on the right for large beta; starts normal',
        p2: 'slope on the left for large beta; starts normal',
        beta: 'steepness; starts at 1',
      },
      smooth: true,
      note: "The paper has one set of parameters per channel: scope 'channel'.",
    },
    starts('p1', 'p2', 'beta'),
    createAconC,
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
    'xsilu',
    {
      title: 'xSiLU',
      formula: 'x (g(x) (1 + 2 a) - a) with g = s',
      source: EXPANDED,
      parameters: expandedParameters,
      smooth: true,
    },
    starts('a'),
    (options, context) => createExpanded('xsilu', options, context),
  ),
  entry(
    'xgelu',
    {
      title: 'xGELU',
      formula: 'x (g(x) (1 + 2 a) - a) with g(x) = (1 + erf(x / sqrt 2)) / 2',
      source: EXPANDED,
      parameters: expandedParameters,
      smooth: true,
    },
    starts('a'),
    (options, context) => createExpanded('xgelu', options, context),
  ),
  entry(
    'xatlu',
    {
      title: 'xATLU',
      formula: 'x (g(x) (1 + 2 a) - a) with g(x) = (atan(x) + pi / 2) / pi',
      source: EXPANDED,
      parameters: expandedParameters,
      smooth: true,
    },
    starts('a'),
    (options, context) => createExpanded('xatlu', options, context),
  ),
  entry(
    'polyrelu',
    {
      title: 'PolyReLU',
      formula: 'a0 + a1 r + a2 r^2 + a3 r^3 with r = max(0, x)',
      source: POLYNOMIAL,
      parameters: { a0: 'starts at 0', a1: 'starts at 1/3', a2: 'starts at 1/3', a3: 'starts at 1/3' },
      smooth: false,
    },
    starts('a0', 'a1', 'a2', 'a3'),
    createPolyRelu,
  ),
  entry(
    'polynorm',
    {
      title: 'PolyNorm',
      formula: 'w1 n(x) + w2 n(x^2) + w3 n(x^3) + b with n(u) = u / sqrt(mean(u^2) + 1e-6) over the last axis',
      source: POLYNOMIAL,
      parameters: { w1: 'starts at 1/3', w2: 'starts at 1/3', w3: 'starts at 1/3', b: 'starts at 0' },
      smooth: true,
      note: 'Not elementwise: every output depends on its whole row, so its picture is that of one row of x values.',
    },
    starts('w1', 'w2', 'w3', 'b'),
    createPolyNorm,
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
    'coslu',
    {
      title: 'CosLU',
      formula: '(x + a cos(b x)) s(x)',
      source: PISHCHIK,
      parameters: { a: 'height of the wave; starts at 1', b: 'frequency of the wave; starts at 1' },
      smooth: true,
    },
    starts('a', 'b'),
    (options, context) => createWave('coslu', options, context),
  ),
  entry(
    'sinlu',
    {
      title: 'SinLU',
      formula: '(x + a sin(b x)) s(x)',
      source: 'Paul et al. 2022 (Mathematics 10(3), 337)',
      parameters: { a: 'height of the wave; starts at 1', b: 'frequency of the wave; starts at 1' },
      smooth: true,
    },
    starts('a', 'b'),
    (options, context) => createWave('sinlu', options, context),
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
  entry(
    'scaled-softsign',
    {
      title: 'ScaledSoftSign',
      formula: 'a x / (b + |x|)',
      source: PISHCHIK,
      parameters: { a: 'height; starts at 1', b: '> 0 by softplus; starts at 1' },
      smooth: false,
      note: 'The paper leaves b free; here it is kept > 0, because the function has a pole otherwise.',
    },
    starts('a', 'b'),
    createScaledSoftSign,
  ),
  entry(
    'lincomb',
    {
      title: 'LinComb',
      formula: 'w1 max(0, x) + w2 s(x) + w3 tanh(x) + w4 x / (1 + |x|)',
      source: PISHCHIK,
      parameters: { w1: 'starts at 1/4', w2: 'starts at 1/4', w3: 'starts at 1/4', w4: 'starts at 1/4' },
      smooth: false,
    },
    starts('w1', 'w2', 'w3', 'w4'),
    createLinComb,
  ),
];
