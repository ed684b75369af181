import { z } from 'zod';
import { createLinComb } from '../trainable/lincomb.ts';
import { createPau } from '../trainable/pau.ts';
import { createPolyNorm } from '../trainable/polynorm.ts';
import { createPolyRelu } from '../trainable/polyrelu.ts';
import { createScaledSoftSign } from '../trainable/scaled-softsign.ts';
import { entry, parameterOptions, type RegistryEntry, starts } from './entry.ts';

const PISHCHIK = 'Pishchik 2023, Trainable Activations for Image Classification';
const POLYNOMIAL = 'Zhuo et al. 2024, arXiv 2411.03884';

/** Polynomials, ratios and sums. */
export const composedEntries: readonly RegistryEntry[] = [
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
