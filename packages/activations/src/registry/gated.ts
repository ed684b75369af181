import { z } from 'zod';
import { fixedNames } from '../fixed/curves.ts';
import { createAconC } from '../trainable/acon-c.ts';
import { createDynActivation } from '../trainable/dynactivation.ts';
import { createExpanded } from '../trainable/expanded.ts';
import { createSwishBeta } from '../trainable/swish-beta.ts';
import { createWave } from '../trainable/wave.ts';
import { entry, type RegistryEntry, starts } from './entry.ts';

const PISHCHIK = 'Pishchik 2023, Trainable Activations for Image Classification';
const EXPANDED = 'Huang 2024, arXiv 2405.20768';
const expandedParameters = { a: 'how far the gate reaches beyond [0, 1] on both sides; starts at 0' };

/** A gate times x, or a mixture of one with a straight line. */
export const gatedEntries: readonly RegistryEntry[] = [
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
];
