import { erf } from './erf.ts';

/** Readable parameter values (after reparametrization). */
export type Values = Readonly<Record<string, number>>;

/** The terms of the formula at one x of a row, in float64, written from the formula and not from the code. */
type Terms = (x: number, values: Values, row: readonly number[]) => readonly number[];

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
const fixed: Record<string, (x: number) => number> = {
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
  prelu: [trainable({ a: 0.25 }, (x, { a }) => [relu(x), a! * Math.min(0, x)], [0])],
  'swish-beta': [1, -0.6, 2.1].map((beta) => trainable({ beta }, (x, { beta }) => [x * sigmoid(beta! * x)])),
  pelu: [trainable({ a: 0.7, b: 1.6 }, (x, { a, b }) => (x >= 0 ? [(a! / b!) * x] : [a! * Math.expm1(x / b!)]), [0])],
  srelu: [
    trainable(
      { tl: -1.5, al: 0.3, tr: 2.2, ar: 0.6 },
      (x, { tl, al, tr, ar }) => {
        if (x >= tr!) return [tr!, ar! * (x - tr!)];
        return x <= tl! ? [tl!, al! * (x - tl!)] : [x];
      },
      [-1.5, 2.2],
    ),
  ],
  apl: [
    {
      ...trainable(
        { a1: 0.3, b1: -0.75, a2: -0.2, b2: 0.5 },
        (x, { a1, b1, a2, b2 }) => [relu(x), a1! * relu(b1! - x), a2! * relu(b2! - x)],
        [0, -0.75, 0.5],
      ),
      options: { a: [0.3, -0.2], b: [-0.75, 0.5] },
    },
  ],
  pau: [
    {
      ...trainable(
        { p0: 0.03, p1: 0.6, p2: 2.3, p3: 3.1, p4: 1.5, p5: 0.25, q1: -1.1, q2: 4.4, q3: 0.9, q4: 0.35 },
        (x, { p0, p1, p2, p3, p4, p5, q1, q2, q3, q4 }) => {
          const over = 1 + Math.abs(q1! * x) + Math.abs(q2! * x ** 2) + Math.abs(q3! * x ** 3) + Math.abs(q4! * x ** 4);
          return [p0!, p1! * x, p2! * x ** 2, p3! * x ** 3, p4! * x ** 4, p5! * x ** 5].map((term) => term / over);
        },
        [0],
      ),
      options: { numerator: [0.03, 0.6, 2.3, 3.1, 1.5, 0.25], denominator: [-1.1, 4.4, 0.9, 0.35] },
    },
  ],
  'acon-c': [
    { p1: 1.2, p2: -0.4, beta: 0.9 },
    { p1: 1, p2: 0, beta: 1 },
  ].map((values) =>
    trainable(values, (x, { p1, p2, beta }) => [(p1! - p2!) * x * sigmoid(beta! * (p1! - p2!) * x), p2! * x]),
  ),
  xielu: [
    trainable(
      { ap: 0.8, an: 0.9 },
      (x, { ap, an }) => (x > 0 ? [ap! * x * x, 0.5 * x] : [an! * Math.expm1(x), -an! * x, 0.5 * x]),
      [0],
    ),
  ],
  xsilu: expanded(sigmoid),
  xgelu: expanded((x) => 0.5 * (1 + erf(x / Math.SQRT2))),
  xatlu: expanded((x) => (Math.atan(x) + Math.PI / 2) / Math.PI),
  polyrelu: [
    trainable(
      { a0: 0.1, a1: 0.4, a2: -0.3, a3: 0.2 },
      (x, { a0, a1, a2, a3 }) => [a0!, a1! * relu(x), a2! * relu(x) ** 2, a3! * relu(x) ** 3],
      [0],
    ),
  ],
  polynorm: [
    {
      ...trainable({ w1: 0.4, w2: -0.3, w3: 0.5, b: 0.1 }, (x, { w1, w2, w3, b }, row) => {
        const normed = (power: number) => {
          const squares = row.map((other) => other ** (2 * power));
          const mean = squares.reduce((total, square) => total + square, 0) / row.length;
          return x ** power / Math.sqrt(mean + 1e-6);
        };
        return [w1! * normed(1), w2! * normed(2), w3! * normed(3), b!];
      }),
      mixing: true,
    },
  ],
  starrelu: [trainable({ s: 0.9, b: -0.4 }, (x, { s, b }) => [s! * relu(x) ** 2, b!], [0])],
  coslu: [trainable({ a: 0.8, b: 1.3 }, (x, { a, b }) => [x * sigmoid(x), a! * Math.cos(b! * x) * sigmoid(x)])],
  sinlu: [trainable({ a: 0.8, b: 1.3 }, (x, { a, b }) => [x * sigmoid(x), a! * Math.sin(b! * x) * sigmoid(x)])],
  shilu: [trainable({ a: 0.8, b: 0.3 }, (x, { a, b }) => [a! * relu(x), b!], [0])],
  relun: [trainable({ a: 1.5 }, (x, { a }) => [Math.min(relu(x), a!)], [0, 1.5])],
  // f' is continuous at 0 but has a corner there.
  'scaled-softsign': [trainable({ a: 1.4, b: 0.6 }, (x, { a, b }) => [(a! * x) / (b! + Math.abs(x))], [])],
  lincomb: [
    trainable(
      { w1: 0.4, w2: -0.3, w3: 0.7, w4: 0.2 },
      (x, { w1, w2, w3, w4 }) => [w1! * relu(x), w2! * sigmoid(x), w3! * Math.tanh(x), (w4! * x) / (1 + Math.abs(x))],
      [0],
    ),
  ],
};

/** A row whose options are its parameters' initial values; smooth when it names no kinks. */
function trainable(values: Values, terms: Terms, kinks?: readonly number[]): Row {
  return { options: { ...values }, values, terms, smooth: kinks === undefined, ...(kinks && { kinks }) };
}

function expanded(gate: (x: number) => number): Row[] {
  return [0, 0.35].map((a) => trainable({ a }, (x, { a }) => [x * gate(x) * (1 + 2 * a!), -x * a!]));
}
