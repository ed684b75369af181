import * as tf from '@tensorflow/tfjs-core';
import { type Activation, createActivation } from '../../src/registry.ts';
import { Reference } from './reference.ts';
import { type Row, rows } from './rows.ts';

/*
 * The checks of one row of the table on whatever backend is current. They throw a plain error and use no test runner,
 * because a browser runs them too.
 */

/** Where gradients are compared, none of them at a kink. */
const moderate = [
  -9.3, -6.1, -4.2, -3.1, -2.4, -1.7, -1.1, -0.6, -0.3, -0.05, 0.04, 0.2, 0.7, 1.2, 1.9, 2.6, 3.4, 5.3, 7.7, 9.1,
].map(Math.fround);
/** Extremes, both zeros, subnormals. */
const extreme = [-1e4, -200, -88.8, -30, 1e-40, -1e-40, 0, -0, 30, 88.8, 200, 1e4].map(Math.fround);

export interface Tolerance {
  /** |y - reference| <= value max(1, S) */
  readonly value: number;
  /** |g - reference| <= gradient max(1, |g|) */
  readonly gradient: number;
}

export interface Check {
  readonly name: string;
  readonly row: Row;
  readonly label: string;
  run(tolerance: Tolerance): Promise<void>;
}

/** Every check of every registered activation and its gate, against float64 formulas. */
export function allChecks(): Check[] {
  return Object.entries(rows).flatMap(([name, cases]) =>
    cases.flatMap((row) => {
      const options = JSON.stringify(row.options ?? {});
      const kinds = { value: values, 'NaN passes through': undefinedNumbers, gradients, 'extreme gradients': extremes };
      const perChannel = row.values === undefined ? {} : { 'one parameter per channel': channels };
      return Object.entries({ ...kinds, ...perChannel }).map(([kind, check]) => ({
        name,
        row,
        label: `${kind} ${options}`,
        run: (tolerance: Tolerance) => check(name, row, tolerance),
      }));
    }),
  );
}

/** grad(grad(f)) of a smooth row. */
export async function secondDerivatives(name: string, row: Row): Promise<void> {
  const activation = createActivation(name, row.options);
  const parameters = initialTensors(activation);
  const second = (points: number[]) =>
    tf.tidy(() =>
      tf
        .grad((x) => tf.grad((x) => activation.apply(x, parameters))(x))(tf.tensor1d(points))
        .dataSync(),
    );
  const points = [...moderate, 0];
  const reference = new Reference(row, points);
  second(points).forEach((actual, index) => {
    close(actual, reference.curvature(index), 1e-2, `f'' at ${points[index]}`);
  });
  for (const [index, actual] of second(extreme).entries()) {
    if (!Number.isFinite(actual)) throw new Error(`f'' at ${extreme[index]} = ${actual}`);
  }
  tf.dispose(parameters);
}

async function values(name: string, row: Row, tolerance: Tolerance): Promise<void> {
  const points = [...moderate, ...extreme];
  const activation = createActivation(name, row.options);
  const reference = new Reference(row, points);
  const parameters = initialTensors(activation);
  const before = tf.memory().numTensors;
  const x = tf.tensor1d(points);
  const factors = points.map((_, index) => Math.fround(Math.cos(index) * 2));
  const value = tf.tensor1d(factors);
  const outputs = [activation.apply(x, parameters), activation.gate(x, value, parameters)];
  const [applied, gated] = await Promise.all(outputs.map((output) => output.data()));
  tf.dispose([x, value, ...outputs]);
  same([tf.memory().numTensors], [before], 'live tensors');
  points.forEach((point, index) => {
    const expected = reference.value(index);
    const allowed = tolerance.value * Math.max(1, reference.scale(index));
    within(applied![index]!, expected, allowed, `f(${point})`);
    const factor = factors[index]!;
    within(gated![index]!, expected * factor, allowed * Math.max(1, Math.abs(factor)), `f(${point}) ${factor}`);
  });
  tf.dispose(parameters);
}

/** NaN in gives NaN out, in the value and in the gradient, and leaves its neighbors alone where f is elementwise. */
async function undefinedNumbers(name: string, row: Row): Promise<void> {
  const activation = createActivation(name, row.options);
  const parameters = initialTensors(activation);
  const x = tf.tensor1d([NaN, 0.5, -0.5, NaN, 1.5]);
  const upstream = tf.onesLike(x);
  const y = activation.apply(x, parameters);
  const dx = tf.grad((x) => activation.apply(x, parameters))(x, upstream);
  const [value, slope] = await Promise.all([y.data(), dx.data()]);
  const spread = row.mixing === true;
  same([...value].map(Number.isNaN), [true, spread, spread, true, spread], 'NaN values');
  const constantSlope = name === 'identity' || row.options?.base === 'identity';
  if (!constantSlope) same([...slope].map(Number.isNaN), [true, spread, spread, true, spread], 'NaN slopes');
  tf.dispose([parameters, x, upstream, y, dx]);
}

/** No overflow where x is large, and nothing lost where it is tiny. */
async function extremes(name: string, row: Row, tolerance: Tolerance): Promise<void> {
  const activation = createActivation(name, row.options);
  const names = activation.parameters.map(({ name }) => name);
  const parameters = initialTensors(activation);
  const x = tf.tensor1d(extreme);
  const upstream = tf.onesLike(x);
  const run = (...[x, ...tensors]: tf.Tensor[]) => activation.apply(x!, named(names, tensors));
  const gradients = tf.grads(run)([x, ...names.map((name) => parameters[name]!)], upstream);
  const [slope, ...rest] = await Promise.all(gradients.map((gradient) => gradient.data()));
  tf.dispose([parameters, x, upstream, gradients]);
  const reference = new Reference(row, extreme);
  const ones = extreme.map(() => 1);
  extreme.forEach((point, index) => {
    const atKink = row.kinks?.some((kink) => Math.abs(point - kink) < 1e-3);
    // Central differences lose the small entries of a row that the large ones normalize.
    if (!Number.isFinite(slope![index])) throw new Error(`df/dx at ${point} = ${slope![index]}`);
    if (atKink || row.mixing) return;
    close(slope![index]!, reference.slope(index, ones), tolerance.gradient, `df/dx at ${point}`);
  });
  for (const [index, gradient] of rest.entries()) {
    if (!Number.isFinite(gradient[0])) throw new Error(`df/d${names[index]} = ${gradient[0]}`);
  }
}

async function gradients(name: string, row: Row, tolerance: Tolerance): Promise<void> {
  const activation = createActivation(name, row.options);
  const points = moderate;
  const reference = new Reference(row, points);
  const upstream = points.map((_, index) => Math.fround(Math.sin(3 * index) + 0.2));
  const factors = points.map((_, index) => Math.fround(Math.cos(index) * 2));
  const names = activation.parameters.map(({ name }) => name);
  const parameters = initialTensors(activation);
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
  same([tf.memory().numTensors], [before], 'live tensors');
  tf.dispose([parameters, readable]);
}

/** Scope 'channel': x [rows, channels], the parameters of a channel moved away from the others'. */
async function channels(name: string, row: Row, tolerance: Tolerance): Promise<void> {
  const [rowCount, channelCount] = [3, 4];
  const activation = createActivation(name, { ...row.options, scope: 'channel' }, { channels: channelCount });
  const names = activation.parameters.map(({ name }) => name);
  const raw = activation.parameters.map(({ initialize }) =>
    initialize(() => 0.5).map((value, channel) => value + 0.05 * channel),
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
  same([tf.memory().numTensors], [before], 'live tensors');

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
      const initial = raw[index]![channel]!;
      const slope = values[index]![channel] === initial ? 1 : 1 / (1 + Math.exp(-initial));
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

function initialTensors(activation: Activation): Record<string, tf.Tensor> {
  return Object.fromEntries(
    activation.parameters.map(({ name, shape, initialize }) => [
      name,
      tf.tensor(
        initialize(() => 0.5),
        [...shape],
      ),
    ]),
  );
}

function named(names: readonly string[], tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
}

function close(actual: number, expected: number, tolerance: number, label: string): void {
  within(actual, expected, tolerance * Math.max(1, Math.abs(expected)), label);
}

function within(actual: number, expected: number, allowed: number, label: string): void {
  const error = Math.abs(actual - expected);
  // Written so that NaN fails.
  if (!(error <= allowed))
    throw new Error(`${label} = ${actual}, expected ${expected}: off by ${error}, allowed ${allowed}`);
}

function same(actual: readonly unknown[], expected: readonly unknown[], label: string): void {
  if (actual.join() !== expected.join()) throw new Error(`${label}: ${actual.join()}, expected ${expected.join()}`);
}
