/** How the plain function of each activation is called, and parameter values that show what the parameters do. */
export interface Example {
  readonly call: string;
  /** Options of a second curve beside the start values. */
  readonly moved?: Readonly<Record<string, unknown>>;
  /** Options of the first curve, where start values are drawn. */
  readonly start?: Readonly<Record<string, unknown>>;
}

export const examples: Readonly<Record<string, Example>> = {
  dynactivation: { call: "dynActivation(x, alpha, beta, { base: 'silu' })", moved: { alpha: 0.7, beta: 0.2 } },
  apalu: { call: 'apalu(x, a, b)', moved: { a: 0.9, b: 0.4 } },
  prelu: { call: 'prelu(x, a)', moved: { a: -0.4 } },
  'swish-beta': { call: 'swishBeta(x, beta)', moved: { beta: 3 } },
  pelu: { call: 'pelu(x, a, b)', moved: { a: 2, b: 1.5 } },
  srelu: {
    call: 'srelu(x, tl, al, tr, ar)',
    start: { al: 0.5, tr: 2.5 },
    moved: { tl: -1.5, al: 0.2, tr: 1.5, ar: 0.5 },
  },
  apl: {
    call: 'apl(x, [a1, a2], [b1, b2])',
    start: { a: [0.2, -0.2], b: [0.5, -0.5] },
    moved: { a: [0.6, -0.5], b: [1.5, -1.5] },
  },
  pau: {
    call: 'pau(x, [p0, p1, p2, p3, p4, p5], [q1, q2, q3, q4])',
    moved: { numerator: [0, 1, 0.2, 0.1, 0, 0], denominator: [0, 0.4, 0, 0] },
  },
  'acon-c': { call: 'aconC(x, p1, p2, beta)', start: { p1: 1, p2: 0 }, moved: { p1: 1.2, p2: -0.4, beta: 2 } },
  xielu: { call: 'xielu(x, ap, an)', moved: { ap: 0.3, an: 1.4 } },
  xsilu: { call: 'xsilu(x, a)', moved: { a: 0.5 } },
  xgelu: { call: 'xgelu(x, a)', moved: { a: 0.5 } },
  xatlu: { call: 'xatlu(x, a)', moved: { a: 0.5 } },
  polyrelu: { call: 'polyRelu(x, a0, a1, a2, a3)', moved: { a0: -0.5, a1: 1, a2: -0.5, a3: 0.1 } },
  polynorm: { call: 'polyNorm(x, w1, w2, w3, b)', moved: { w1: 1, w2: -0.5, w3: 0.2, b: 0.5 } },
  starrelu: { call: 'starRelu(x, s, b)', moved: { s: 0.8944, b: -0.4472 } },
  coslu: { call: 'coslu(x, a, b)', moved: { a: 0.5, b: 3 } },
  sinlu: { call: 'sinlu(x, a, b)', moved: { a: 0.5, b: 3 } },
  shilu: { call: 'shilu(x, a, b)', moved: { a: 0.6, b: -0.5 } },
  relun: { call: 'relun(x, a)', moved: { a: 3 } },
  'scaled-softsign': { call: 'scaledSoftSign(x, a, b)', moved: { a: 2, b: 0.5 } },
  lincomb: { call: 'linComb(x, w1, w2, w3, w4)', moved: { w1: 0.6, w2: -0.5, w3: 0.6, w4: 0.3 } },
  relu: { call: 'relu(x)' },
  'leaky-relu': { call: 'leakyRelu(x, 0.01)', moved: { negativeSlope: 0.3 } },
  relu2: { call: 'relu2(x)' },
  elu: { call: 'elu(x)' },
  gelu: { call: 'gelu(x)' },
  'gelu-tanh': { call: 'geluTanh(x)' },
  silu: { call: 'silu(x)' },
  mish: { call: 'mish(x)' },
  telu: { call: 'telu(x)' },
  serf: { call: 'serf(x)' },
  smish: { call: 'smish(x)' },
  gcu: { call: 'gcu(x)' },
  golu: { call: 'golu(x)' },
  softplus: { call: 'softplus(x)' },
  tanh: { call: 'tanh(x)' },
  sigmoid: { call: 'sigmoid(x)' },
  identity: { call: 'identity(x)' },
};
