import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  aconC,
  apalu,
  apaluGlu,
  bilinear,
  dynActGlu,
  dynActivation,
  elu,
  fixedNames,
  geglu,
  gelu,
  glu,
  identity,
  leakyRelu,
  mish,
  pau,
  prelu,
  reglu,
  relu,
  relu2,
  relu2glu,
  sigmoid,
  silu,
  swiglu,
  swishBeta,
  xatglu,
  xatlu,
  xgeglu,
  xgelu,
  xsilu,
  xswiglu,
} from '../src/index.ts';
import { createActivation, gatedBlocks } from '../src/registry.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const float = (limit: number) => fc.float({ min: Math.fround(-limit), max: Math.fround(limit), noNaN: true });
const vector = fc.array(float(30), { minLength: 1, maxLength: 8 });

function same(actual: tf.Tensor, expected: tf.Tensor, tolerance = 0): void {
  const [a, b] = [actual.dataSync(), expected.dataSync()];
  a.forEach((value, index) => {
    expect(Math.abs(value - b[index]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(b[index]!)));
  });
}

/** Checks over random inputs, leaving no tensor behind. */
function property<T extends unknown[]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  check: (...values: T) => void,
): void {
  const tuple = fc.tuple(...(arbitraries as fc.Arbitrary<unknown>[])) as unknown as fc.Arbitrary<T>;
  fc.assert(fc.property(tuple, (values) => void tf.tidy(() => check(...values))));
}

describe('identities', () => {
  test.each(fixedNames)('dynActivation(%s, 1, 0) is its base, (., 1, 1) and (., b, b) are straight lines', (base) => {
    const f = createActivation(base);
    property([vector, float(3)], (points, b) => {
      const x = tf.tensor1d(points);
      same(dynActivation(x, 1, 0, { base }), f.apply(x, {}));
      same(dynActivation(x, 1, 1, { base }), x);
      same(dynActivation(x, b, b, { base }), tf.mul(x, b));
    });
  });

  test('dynActivation is linear in alpha and in beta', () => {
    property([vector, float(3), float(3), float(3)], (points, alpha, beta, move) => {
      const x = tf.tensor1d(points);
      const f = (alpha: number, beta: number) => dynActivation(x, alpha, beta, { base: 'mish' });
      same(f(alpha + move, beta), tf.add(f(alpha, beta), tf.mul(mish(x), move)), 1e-4);
      same(f(alpha, beta + move), tf.add(f(alpha, beta), tf.mul(tf.sub(x, mish(x)), move)), 1e-4);
    });
  });

  test('APALU is continuously differentiable exactly where b = 1.5 a', () => {
    const slopes = tf.grad((x) => apalu(x, 1, 1.5));
    same(slopes(tf.tensor1d([-1e-6, 1e-6])), tf.tensor1d([1.5, 1.5]), 1e-5);
    property(
      [
        fc.float({ min: Math.fround(0.1), max: 3, noNaN: true }),
        fc.float({ min: Math.fround(0.1), max: 3, noNaN: true }),
      ],
      (a, b) => {
        const [left, right] = tf
          .grad((x) => apalu(x, a, b))(tf.tensor1d([-1e-6, 1e-6]))
          .dataSync();
        expect(Math.abs(right! - left! - (1.5 * a - b))).toBeLessThanOrEqual(1e-4);
      },
    );
  });

  test('xSiLU, xGELU and xATLU at a 0 are their gates times x', () => {
    property([vector], (points) => {
      const x = tf.tensor1d(points);
      same(xsilu(x, 0), silu(x));
      same(xgelu(x, 0), gelu(x));
      same(xatlu(x, 0), tf.mul(x, tf.div(tf.add(tf.atan(x), Math.PI / 2), Math.PI)), 2e-6);
    });
  });

  test('ACON-C with p1 1 and p2 0 is Swish-beta, which is SiLU at 1 and x/2 at 0', () => {
    property([vector, float(3)], (points, beta) => {
      const x = tf.tensor1d(points);
      same(aconC(x, 1, 0, beta), swishBeta(x, beta), 1e-6);
      same(swishBeta(x, 1), silu(x));
      same(swishBeta(x, 0), tf.div(x, 2));
    });
  });

  test('ACON-C does not change when p1 and p2 change places', () => {
    property([vector, float(2), float(2), float(2)], (points, p1, p2, beta) => {
      const x = tf.tensor1d(points);
      const scale = 1 + Math.max(...points.map(Math.abs)) * (Math.abs(p1) + Math.abs(p2));
      same(tf.div(aconC(x, p1, p2, beta), scale), tf.div(aconC(x, p2, p1, beta), scale), 1e-5);
    });
  });

  test('PReLU is ReLU at 0, leaky ReLU at a constant, the identity at 1', () => {
    property([vector], (points) => {
      const x = tf.tensor1d(points);
      same(prelu(x, 0), relu(x));
      same(prelu(x, 0.01), leakyRelu(x), 1e-6);
      same(prelu(x, 1), identity(x));
    });
  });

  test("PAU's initial values follow leaky ReLU on [-3, 3]", () => {
    const { numerator, denominator } = createActivation('pau').options as Record<string, number[]>;
    const x = tf.linspace(-3, 3, 61);
    same(pau(x, numerator!, denominator!), leakyRelu(x), 0.04);
  });

  test('every gate is its activation times the value', () => {
    const cases: [(g: tf.Tensor, v: tf.Tensor) => tf.Tensor, (g: tf.Tensor) => tf.Tensor][] = [
      [glu, sigmoid],
      [bilinear, identity],
      [reglu, relu],
      [relu2glu, relu2],
      [geglu, gelu],
      [swiglu, silu],
      [(g, v) => dynActGlu(g, v, 0.7, 0.2, { base: 'elu' }), (g) => dynActivation(g, 0.7, 0.2, { base: 'elu' })],
      [(g, v) => dynActGlu(g, v, 1, 0), silu],
      [(g, v) => apaluGlu(g, v, 0.5, 0.75), (g) => apalu(g, 0.5, 0.75)],
      [(g, v) => xswiglu(g, v, 0.3), (g) => xsilu(g, 0.3)],
      [(g, v) => xgeglu(g, v, 0.3), (g) => xgelu(g, 0.3)],
      [(g, v) => xatglu(g, v, 0.3), (g) => xatlu(g, 0.3)],
    ];
    expect(cases).toHaveLength(Object.keys(gatedBlocks).length + 1);
    property([vector, vector], (gates, values) => {
      const size = Math.min(gates.length, values.length);
      const [g, v] = [tf.tensor1d(gates.slice(0, size)), tf.tensor1d(values.slice(0, size))];
      for (const [gate, activation] of cases) same(gate(g, v), tf.mul(activation(g), v), 1e-6);
    });
  });

  test('ELU is continuously differentiable at 0', () => {
    same(tf.grad((x) => elu(x))(tf.tensor1d([-1e-6, 1e-6])), tf.tensor1d([1, 1]), 1e-5);
  });
});
