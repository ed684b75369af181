import '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  chain,
  createOptimizer,
  type Direction,
  decayWeights,
  type GradientTransform,
  learningRate,
  movingAverageDecay,
  type NamedTensors,
  Optimizer,
  optimizerSchema,
  Parameter,
  type ParameterGroup,
  partition,
  rule,
  scaleByLearningRate,
  scheduleSchema,
} from '../src/index.ts';
import { deterministicValues } from './support/deterministic-values.ts';

interface Fixture {
  steps: number;
  gradientClip: number;
  shapes: Record<string, { shape: number[]; group: ParameterGroup }>;
  rates: Record<string, { schedule: object; values: number[] }>;
  cases: Record<
    string,
    { optimizer: object; schedule: object; gradientNorms: number[]; parameters: Record<string, number[]> }
  >;
}
const fixture: Fixture = JSON.parse(readFileSync(new URL('fixtures/optimizers.fixture.json', import.meta.url), 'utf8'));

registerOnnxRuntimeBackend({ threads: 2 });

function createParameters(): Parameter[] {
  return Object.entries(fixture.shapes).map(([name, { shape, group }]) => {
    const parameter = new Parameter({ name, shape, group, initialize: (_, size) => deterministicValues(name, size) });
    parameter.create(0);
    return parameter;
  });
}

describe.each(['cpu', 'onnxruntime'])('20 steps against PyTorch in float64, on %s', (backend) => {
  test.each(Object.entries(fixture.cases))('%s', async (_, reference) => {
    await tf.setBackend(backend);
    const parameters = createParameters();
    const config = optimizerSchema.parse(reference.optimizer);
    const schedule = scheduleSchema.parse(reference.schedule);
    const rate = (step: number) => learningRate(schedule, config.learningRate, step, fixture.steps);
    const optimizer = new Optimizer(parameters, createOptimizer(config, rate, fixture.gradientClip));
    const update = compile((partial: NamedTensors, scalars: NamedTensors<tf.Scalar>) =>
      tf.tidy(() => {
        const gradients = parameters.map(({ name, variable }) => [name, tf.add(partial[name]!, tf.mul(variable, 0.3))]);
        return optimizer.update(Object.fromEntries(gradients), scalars);
      }),
    );
    for (let step = 1; step <= fixture.steps; step++) {
      const gradients = Object.fromEntries(
        parameters.map(({ name, shape, size }) => [
          name,
          tf.tensor(deterministicValues(`${name}/${step}`, size), [...shape]),
        ]),
      );
      const scalars = Object.fromEntries(
        Object.entries(optimizer.scalars(step)).map(([name, value]) => [name, tf.scalar(value)]),
      );
      const squaredNorms = update(gradients, scalars);
      const norm = Math.sqrt((squaredNorms.dataSync() as Float32Array).reduce((sum, squared) => sum + squared, 0));
      expect(norm / reference.gradientNorms[step - 1]!).toBeCloseTo(1, 5);
      tf.dispose([squaredNorms, scalars, gradients]);
    }
    for (const { name, variable } of parameters) {
      const expected = reference.parameters[name]!;
      const actual = variable.dataSync();
      const difference = Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));
      expect(difference, name).toBeLessThanOrEqual(1e-5 * Math.max(...expected.map(Math.abs)));
      variable.dispose();
    }
    optimizer.dispose();
  });
});

test.each(Object.entries(fixture.rates))("the %s schedule is PyTorch's, step by step", (_, { schedule, values }) => {
  const config = scheduleSchema.parse(schedule);
  for (const [index, value] of values.entries()) {
    expect(learningRate(config, 2, index + 1, fixture.steps)).toBeCloseTo(value, 12);
  }
});

test('a decay of the whole run leaves no plateau, one of none no decay', () => {
  const at = (decayFraction: number, step: number) => {
    const schedule = { name: 'warmup-stable-decay', warmupSteps: 0, decayFraction };
    return learningRate(scheduleSchema.parse(schedule), 1, step, 20);
  };
  expect(at(1, 10)).toBeCloseTo(0.55, 12);
  expect(at(0, 20)).toBe(1);
});

describe('transforms', () => {
  const parameter = { name: 'p', shape: [2], group: 'matrix', learningRateMultiplier: 1 } as const;
  /** Sums the gradients in a slot and leaves its number to be multiplied. */
  const times = (name: string, factor: number): GradientTransform =>
    rule({
      slots: [name],
      scalars: () => ({ [name]: factor }),
      update: (gradient, state, { scalars }) => ({
        update: gradient,
        factor: scalars[name]!,
        state: { [name]: tf.add(state[name]!, gradient) },
      }),
    });
  const values = (tensor: tf.Tensor | undefined) => (tensor === undefined ? undefined : [...tensor.dataSync()]);

  /** Hands [1, 2] to a transform with its own numbers and state. */
  function applied(transform: GradientTransform, state: NamedTensors, name = 'p') {
    const numbers = Object.entries(transform.scalars(1)).map(([key, value]) => [key, tf.scalar(value)]);
    const context = {
      parameter: { ...parameter, name },
      value: tf.tensor1d([100, 200]),
      scalars: Object.fromEntries(numbers),
      gradientNorm: tf.scalar(Math.sqrt(5)),
    };
    return transform.update({ update: tf.tensor1d([1, 2]) }, state, context);
  }

  test('a chain hands each the product of the one before, and its own slots', async () => {
    await tf.setBackend('cpu');
    const both = chain(times('a', 3), times('b', 5));
    expect(both.init(parameter)).toEqual({ a: 0, b: 0 });
    const { direction, state } = applied(both, { a: tf.tensor1d([10, 10]), b: tf.tensor1d([20, 20]) });
    expect(values(direction.update)).toEqual([3, 6]);
    expect(values(direction.factor)).toEqual([5]);
    expect([values(state.a), values(state.b)]).toEqual([
      [11, 12],
      [23, 26],
    ]);
  });

  test('decay behind a rule is decoupled, before it an L2 penalty; the learning rate scales both', async () => {
    await tf.setBackend('cpu');
    const rate = scaleByLearningRate(
      () => 0.5,
      () => 4,
    );
    const scalars = ({ factor, decay }: Direction) => [values(factor), values(decay)];
    const decoupled = applied(chain(times('a', 3), decayWeights(0.25), rate), { a: tf.tensor1d([0, 0]) }).direction;
    expect(values(decoupled.update)).toEqual([1, 2]);
    expect(scalars(decoupled)).toEqual([[6], [0.5]]);
    const penalty = applied(chain(decayWeights(0.25), times('a', 3), rate), { a: tf.tensor1d([0, 0]) }).direction;
    expect(values(penalty.update)).toEqual([26, 52]);
    expect(scalars(penalty)).toEqual([[6], undefined]);
  });

  test('a partition keeps the numbers of its parts apart', async () => {
    await tf.setBackend('cpu');
    const parts = partition((p) => (p.name === 'p' ? 'left' : 'right'), { left: times('a', 3), right: times('a', 7) });
    expect(parts.scalars(1)).toEqual({ 'left.a': 3, 'right.a': 7 });
    const factorOf = (name: string) => values(applied(parts, { a: tf.tensor1d([0, 0]) }, name).direction.factor);
    expect([factorOf('p'), factorOf('q')]).toEqual([[3], [7]]);
  });

  test('two numbers of one name are refused', () => {
    expect(() => chain(times('a', 1), times('a', 1)).scalars(1)).toThrow(/a number named a/);
  });
});

test('the decay of the moving average rises to its value', () => {
  expect(movingAverageDecay(0.999, 1)).toBeCloseTo(2 / 11, 12);
  expect(movingAverageDecay(0.9, 1000)).toBe(0.9);
});
