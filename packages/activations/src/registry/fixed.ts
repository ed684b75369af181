import { z } from 'zod';
import type { FixedName } from '../fixed/curves.ts';
import { createFixed } from '../fixed/functions.ts';
import { entry, type RegistryEntry } from './entry.ts';

function fixed(name: FixedName, title: string, formula: string, source: string, smooth: boolean): RegistryEntry {
  return entry(name, { title, formula, source, parameters: {}, smooth }, {}, () => createFixed(name));
}

const GELU = 'Hendrycks and Gimpel 2016, arXiv 1606.08415';

export const fixedEntries: readonly RegistryEntry[] = [
  fixed('relu', 'ReLU', 'max(0, x)', 'Nair and Hinton 2010', false),
  entry(
    'leaky-relu',
    {
      title: 'Leaky ReLU',
      formula: 'x > 0: x; x <= 0: negativeSlope x, with negativeSlope 0.01 by default',
      source: 'Maas, Hannun and Ng 2013',
      parameters: {},
      smooth: false,
    },
    { negativeSlope: z.number().optional() },
    (options) => createFixed('leaky-relu', options),
  ),
  fixed('relu2', 'Squared ReLU', 'max(0, x)^2', 'So et al. 2021 (Primer), arXiv 2109.08668', false),
  fixed('elu', 'ELU', 'x > 0: x; x <= 0: e^x - 1', 'Clevert, Unterthiner and Hochreiter 2015, arXiv 1511.07289', false),
  fixed('gelu', 'GELU', 'x (1 + erf(x / sqrt 2)) / 2', GELU, true),
  fixed('gelu-tanh', 'GELU, tanh form', 'x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2', GELU, true),
  fixed('silu', 'SiLU, Swish', 'x s(x)', 'Elfwing, Uchibe and Doya 2017, arXiv 1702.03118', true),
  fixed('mish', 'Mish', 'x tanh(ln(1 + e^x))', 'Misra 2019, arXiv 1908.08681', true),
  fixed('telu', 'TeLU', 'x tanh(e^x)', 'Fernandez and Mali 2024, arXiv 2412.20269', true),
  fixed('serf', 'Serf', 'x erf(ln(1 + e^x))', 'Nag et al. 2021, arXiv 2108.09598', true),
  fixed('smish', 'Smish', 'x tanh(ln(1 + s(x)))', 'Wang, Ren and Wang 2022 (Electronics 11(4), 540)', true),
  fixed('gcu', 'GCU, growing cosine unit', 'x cos(x)', 'Noel et al. 2021, arXiv 2108.12943', true),
  fixed('golu', 'GoLU', 'x e^(-e^(-x))', 'Das et al. 2025, arXiv 2502.03654', true),
  fixed('softplus', 'Softplus', 'ln(1 + e^x)', 'Dugas et al. 2000', true),
  fixed('tanh', 'Tanh', 'tanh(x)', 'the hyperbolic tangent', true),
  fixed('sigmoid', 'Sigmoid', '1 / (1 + e^(-x))', 'the logistic function', true),
  fixed('identity', 'Identity', 'x', 'the linear unit', true),
];
