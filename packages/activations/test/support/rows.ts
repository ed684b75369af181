import { erf } from './erf.ts';

/** Readable parameter values (after reparametrisation). */
export type Values = Readonly<Record<string, number>>;

/** The terms of the formula at one x of a row, in float64, written from the formula and not from the code. */
export type Terms = (x: number, values: Values, row: readonly number[]) => readonly number[];

export interface Row {
  readonly options?: Record<string, unknown>;
  readonly values?: Values;
  readonly terms: Terms;
  /** Where the derivative jumps or its definition changes; gradients are not compared there. */
  readonly kinks?: readonly number[];
  /** Whether f(x) depends on the whole row of x, not on x alone. */
  readonly mixing?: boolean;
  /** Whether f'' is continuous, so that grad(grad(f)) is compared. */
  readonly smooth: boolean;
}

const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const relu = (x: number) => Math.max(x, 0);
const elu = (x: number) => (x > 0 ? x : Math.expm1(x));

/** One term for the fixed ones: their formulas are products. */
export const fixed: Record<string, (x: number) => number> = {
  relu,
  'leaky-relu': (x) => (x > 0 ? x : 0.01 * x),
  relu2: (x) => relu(x) ** 2,
  elu,
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  'gelu-tanh': (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  silu: (x) => x * sigmoid(x),
  mish: (x) => x * Math.tanh(softplus(x)),
  telu: (x) => x * Math.tanh(Math.exp(x)),
  serf: (x) => x * erf(softplus(x)),
  smish: (x) => x * Math.tanh(Math.log1p(sigmoid(x))),
  gcu: (x) => x * Math.cos(x),
  golu: (x) => x * Math.exp(-Math.exp(-x)),
  softplus,
  tanh: Math.tanh,
  sigmoid,
  identity: (x) => x,
};

const kinked = new Set(['relu', 'leaky-relu', 'relu2', 'elu']);

function fixedRow(name: string): Row {
  const terms: Terms = (x) => [fixed[name]!(x)];
  return kinked.has(name) ? { terms, kinks: [0], smooth: false } : { terms, smooth: true };
}

function dynRow(base: string, alpha: number, beta: number): Row {
  const terms: Terms = (x, { alpha, beta }) => [fixed[base]!(x) * (alpha! - beta!), beta! * x];
  const row = { options: { base, alpha, beta }, values: { alpha, beta }, terms };
  return kinked.has(base) ? { ...row, kinks: [0], smooth: false } : { ...row, smooth: true };
}

/** Every registered activation has its rows here; the suite fails on one that has none. */
export const rows: Readonly<Record<string, readonly Row[]>> = {
  ...Object.fromEntries(Object.keys(fixed).map((name) => [name, [fixedRow(name)]])),
  'leaky-relu': [
    fixedRow('leaky-relu'),
    { options: { negativeSlope: 0.2 }, terms: (x) => [x > 0 ? x : 0.2 * x], kinks: [0], smooth: false },
  ],
  dynactivation: [
    dynRow('silu', 1, 0),
    dynRow('silu', 1, 1),
    ...Object.keys(fixed).map((base) => dynRow(base, 0.7, 0.2)),
    dynRow('mish', -0.4, 1.3),
  ],
  apalu: [0.75, 1.3].map((b) => ({
    options: { a: 0.5, b },
    values: { a: 0.5, b },
    terms: (x, { a, b }) => (x >= 0 ? [a! * x, a! * x * sigmoid(1.702 * x)] : [b! * Math.expm1(x)]),
    kinks: [0],
    smooth: false,
  })),
  prelu: [
    {
      options: { a: 0.25 },
      values: { a: 0.25 },
      terms: (x, { a }) => [relu(x), a! * Math.min(0, x)],
      kinks: [0],
      smooth: false,
    },
  ],
  xielu: [
    {
      options: { ap: 0.8, an: 0.9 },
      values: { ap: 0.8, an: 0.9 },
      terms: (x, { ap, an }) => (x > 0 ? [ap! * x * x, 0.5 * x] : [an! * Math.expm1(x), -an! * x, 0.5 * x]),
      kinks: [0],
      smooth: false,
    },
  ],
};
