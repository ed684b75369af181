import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Activation, activationDocumentation, activationNames, createActivation } from '../../src/registry.ts';
import { Reference } from './reference.ts';
import { type Row, rows } from './rows.ts';

/** Where gradients are compared, none of them at a kink. */
const moderate = [
  -9.3, -6.1, -4.2, -3.1, -2.4, -1.7, -1.1, -0.6, -0.3, -0.05, 0.04, 0.2, 0.7, 1.2, 1.9, 2.6, 3.4, 5.3, 7.7, 9.1,
].map(Math.fround);
/** Where only values are compared as well: extremes, both zeros, subnormals. */
const extreme = [-1e4, -200, -88.8, -30, 1e-40, -1e-40, 0, -0, 30, 88.8, 200, 1e4].map(Math.fround);

export interface Tolerance {
  /** |y - reference| <= value max(1, S) */
  readonly value: number;
  /** |g - reference| <= gradient max(1, |g|) */
  readonly gradient: number;
}

/** Every registered activation and its gate on one backend, against float64 formulas. */
export function backendSuite(backend: string, tolerance: Tolerance, prepare: () => Promise<void>): void {
  beforeAll(async () => {
    await prepare();
    expect(tf.getBackend()).toBe(backend);
  });

  it('has a row for every registered activation', () => {
    expect(Object.keys(rows).sort()).toEqual([...activationNames()].sort());
  });

  for (const [name, cases] of Object.entries(rows)) {
    describe(`${name} on ${backend}`, () => {
      for (const row of cases) {
        const label = JSON.stringify(row.options ?? {});
        it(`value ${label}`, () => values(name, row, tolerance));
        it(`NaN passes through ${label}`, () => undefinedNumbers(name, row));
        it(`gradients ${label}`, () => gradients(name, row, tolerance));
        if (row.values !== undefined) it(`one parameter per channel ${label}`, () => channels(name, row, tolerance));
      }
    });
  }
}

/** grad(grad(f)) of every smooth activation; needs a backend that keeps float64-like intermediate accuracy: cpu. */
export function secondOrderSuite(): void {
  for (const [name, cases] of Object.entries(rows)) {
    for (const row of cases) {
      if (!row.smooth) continue;
      it(`grad(grad(${name})) ${JSON.stringify(row.options ?? {})}`, async () => {
        const activation = createActivation(name, row.options);
        const reference = new Reference(row, moderate);
        const parameters = start(activation);
        const actual = await tf
          .grad((x) => tf.grad((x) => activation.apply(x, parameters))(x))(tf.tensor1d(moderate))
          .data();
        actual.forEach((second, index) => {
          const expected = reference.curvature(index);
          expect(
            Math.abs(second - expected),
            `f''(${moderate[index]}) = ${second}, expected ${expected}`,
          ).toBeLessThanOrEqual(1e-2 * Math.max(1, Math.abs(expected)));
        });
      });
    }
  }
  it('says which activations are smooth', () => {
    for (const [name, [first]] of Object.entries(rows)) {
      expect(activationDocumentation(name).smooth, name).toBe(first!.smooth);
    }
  });
}

async function values(name: string, row: Row, tolerance: Tolerance): Promise<void> {
  const points = [...moderate, ...extreme];
  const activation = createActivation(name, row.options);
  const reference = new Reference(row, points);
  const parameters = start(activation);
  const before = tf.memory().numTensors;
  const x = tf.tensor1d(points);
  const factors = points.map((_, index) => Math.fround(Math.cos(index) * 2));
  const value = tf.tensor1d(factors);
  const outputs = [activation.apply(x, parameters), activation.gate(x, value, parameters)];
  const [applied, gated] = await Promise.all(outputs.map((output) => output.data()));
  tf.dispose([x, value, ...outputs]);
  expect(tf.memory().numTensors).toBe(before);
  points.forEach((point, index) => {
    const expected = reference.value(index);
    const allowed = tolerance.value * Math.max(1, reference.scale(index));
    expect(
      Math.abs(applied![index]! - expected),
      `f(${point}) = ${applied![index]}, expected ${expected}`,
    ).toBeLessThanOrEqual(allowed);
    const product = expected * factors[index]!;
    expect(
      Math.abs(gated![index]! - product),
      `f(${point}) v = ${gated![index]}, expected ${product}`,
    ).toBeLessThanOrEqual(allowed * Math.max(1, Math.abs(factors[index]!)));
  });
  tf.dispose(parameters);
}

/** NaN in gives NaN out, in the value and in the gradient, and leaves its neighbours alone where f is elementwise. */
async function undefinedNumbers(name: string, row: Row): Promise<void> {
  const activation = createActivation(name, row.options);
  const parameters = start(activation);
  const x = tf.tensor1d([NaN, 0.5, -0.5, NaN, 1.5]);
  const upstream = tf.onesLike(x);
  const y = activation.apply(x, parameters);
  const dx = tf.grad((x) => activation.apply(x, parameters))(x, upstream);
  const [value, slope] = await Promise.all([y.data(), dx.data()]);
  const spread = row.mixing === true;
  expect([...value].map(Number.isNaN), 'value').toEqual([true, spread, spread, true, spread]);
  const constantSlope = name === 'identity' || row.options?.base === 'identity';
  if (!constantSlope) expect([...slope].map(Number.isNaN), 'slope').toEqual([true, spread, spread, true, spread]);
  tf.dispose([parameters, x, upstream, y, dx]);
}

async function gradients(name: string, row: Row, tolerance: Tolerance): Promise<void> {
  const activation = createActivation(name, row.options);
  const points = moderate;
  const reference = new Reference(row, points);
  const upstream = points.map((_, index) => Math.fround(Math.sin(3 * index) + 0.2));
  const factors = points.map((_, index) => Math.fround(Math.cos(index) * 2));
  const names = activation.parameters.map(({ name }) => name);
  const parameters = start(activation);
  const readable = activation.values(parameters);
  const slopes = chainSlopes(activation, parameters);
  const before = tf.memory().numTensors;

  // apply
  const x = tf.tensor1d(points);
  const dy = tf.tensor1d(upstream);
  const run = (...[x, ...tensors]: tf.Tensor[]) => activation.apply(x!, named(names, tensors));
  const tensors = names.map((name) => parameters[name]!);
  const [dx, ...rest] = tf.grads(run)([x, ...tensors], dy);
  const slope = await dx!.data();
  points.forEach((_, index) => {
    close(slope[index]!, reference.slope(index, upstream), tolerance.gradient, `df/dx at ${points[index]}`);
  });
  for (const [index, name] of names.entries()) {
    const expected = reference.parameterSlope(name, upstream) * slopes[name]!;
    close((await rest[index]!.data())[0]!, expected, tolerance.gradient, `df/d${name}`);
  }
  tf.dispose([dx!, ...rest]);

  // gate
  const value = tf.tensor1d(factors);
  const gate = (...[x, value, ...tensors]: tf.Tensor[]) => activation.gate(x!, value!, named(names, tensors));
  const [dgate, dvalue, ...gateRest] = tf.grads(gate)([x, value, ...tensors], dy);
  const weights = upstream.map((u, index) => u * factors[index]!);
  const gateSlope = await dgate!.data();
  const valueSlope = await dvalue!.data();
  points.forEach((point, index) => {
    close(gateSlope[index]!, reference.slope(index, weights), tolerance.gradient, `dgate at ${point}`);
    close(valueSlope[index]!, reference.value(index) * upstream[index]!, tolerance.gradient, `dvalue at ${point}`);
  });
  for (const [index, name] of names.entries()) {
    const expected = reference.parameterSlope(name, weights) * slopes[name]!;
    close((await gateRest[index]!.data())[0]!, expected, tolerance.gradient, `gate: df/d${name}`);
  }
  tf.dispose([x, dy, value, dgate!, dvalue!, ...gateRest]);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([parameters, readable]);
}

/** Scope 'channel': x [rows, channels], the parameters of a channel moved away from the others'. */
async function channels(name: string, row: Row, tolerance: Tolerance): Promise<void> {
  const [rowCount, channelCount] = [3, 4];
  const activation = createActivation(name, { ...row.options, scope: 'channel' }, { channels: channelCount });
  const names = activation.parameters.map(({ name }) => name);
  const raw = activation.parameters.map(({ start }) =>
    start(() => 0.5).map((value, channel) => value + 0.05 * channel),
  );
  const points = Array.from({ length: rowCount }, (_, r) =>
    moderate.slice(5 + r * channelCount).slice(0, channelCount),
  );
  const upstream = points.map((line, r) => line.map((_, channel) => Math.fround(Math.sin(3 * r + channel) + 0.2)));

  const before = tf.memory().numTensors;
  const tensors = raw.map((values) => tf.tensor1d(values));
  const readable = activation.values(named(names, tensors));
  const values = await Promise.all(names.map((name) => readable[name]!.array() as Promise<number[]>));
  const x = tf.tensor2d(points);
  const dy = tf.tensor2d(upstream);
  const run = (...[x, ...tensors]: tf.Tensor[]) => activation.apply(x!, named(names, tensors));
  const gradients = tf.grads(run)([x, ...tensors], dy);
  const [dx, ...rest] = (await Promise.all(gradients.map((gradient) => gradient.array()))) as [
    number[][],
    ...number[][],
  ];
  tf.dispose([tensors, readable, x, dy, gradients]);
  expect(tf.memory().numTensors).toBe(before);

  const loss = (points: number[][], values: number[][]) => {
    let total = 0;
    for (const [r, line] of points.entries()) {
      for (const [channel, x] of line.entries()) {
        const own = Object.fromEntries(names.map((name, index) => [name, values[index]![channel]!]));
        const terms = row.terms(x, own, line);
        total += upstream[r]![channel]! * terms.reduce((sum, term) => sum + term, 0);
      }
    }
    return total;
  };
  const moved = (table: number[][], i: number, j: number, step: number) =>
    table.with(i, table[i]!.with(j, table[i]![j]! + step));
  const step = 1e-6;
  points.forEach((line, r) => {
    line.forEach((x, channel) => {
      const expected =
        (loss(moved(points, r, channel, step), values) - loss(moved(points, r, channel, -step), values)) / (2 * step);
      close(dx[r]![channel]!, expected, tolerance.gradient, `df/dx at ${x}, channel ${channel}`);
    });
  });
  for (const [index, name] of names.entries()) {
    for (let channel = 0; channel < channelCount; channel++) {
      const byValue =
        (loss(points, moved(values, index, channel, step)) - loss(points, moved(values, index, channel, -step))) /
        (2 * step);
      const start = raw[index]![channel]!;
      const slope = values[index]![channel] === start ? 1 : 1 / (1 + Math.exp(-start));
      close(rest[index]![channel]!, byValue * slope, tolerance.gradient, `df/d${name}[${channel}]`);
    }
  }
}

/** d value / d raw of each parameter: the sigmoid of the raw value for a softplus, else 1. */
function chainSlopes(activation: Activation, parameters: Record<string, tf.Tensor>): Record<string, number> {
  const readable = activation.values(parameters);
  const slopes = Object.fromEntries(
    Object.entries(parameters).map(([name, raw]) => {
      const value = raw.dataSync()[0]!;
      const same = readable[name]!.dataSync()[0] === value;
      return [name, same ? 1 : 1 / (1 + Math.exp(-value))];
    }),
  );
  tf.dispose(readable);
  return slopes;
}

function start(activation: Activation): Record<string, tf.Tensor> {
  return Object.fromEntries(
    activation.parameters.map(({ name, shape, start }) => [
      name,
      tf.tensor(
        start(() => 0.5),
        [...shape],
      ),
    ]),
  );
}

function named(names: readonly string[], tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
}

function close(actual: number, expected: number, tolerance: number, label: string): void {
  expect(Math.abs(actual - expected), `${label} = ${actual}, expected ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(expected)),
  );
}
