import '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { chain, learningRate, Parameter, type ParameterGroup, partition } from '@dynact/nn';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { movingAverageDecay, Optimizer, parseConfig } from '../src/index.ts';
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

function trainingConfig(training: object) {
  return parseConfig({ training: { steps: fixture.steps, gradientClip: fixture.gradientClip, ...training } }).training;
}

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
    const { optimizer, schedule } = reference;
    const rule = new Optimizer(parameters, trainingConfig({ optimizer, schedule }));
    const update = compile((...inputs: tf.Tensor[]) =>
      tf.tidy(() => {
        const gradients = parameters.map(({ variable }, index) =>
          tf.add(inputs[rule.scalarCount + index]!, tf.mul(variable, 0.3)),
        );
        return rule.update(gradients, inputs.slice(0, rule.scalarCount));
      }),
    );
    for (let step = 1; step <= fixture.steps; step++) {
      const gradients = parameters.map(({ name, shape, size }) =>
        tf.tensor(deterministicValues(`${name}/${step}`, size), [...shape]),
      );
      const scalars = rule.scalars(step);
      const squaredNorms = update(...scalars, ...gradients);
      const norm = Math.sqrt((squaredNorms.dataSync() as Float32Array).reduce((sum, squared) => sum + squared, 0));
      expect(norm / reference.gradientNorms[step - 1]!).toBeCloseTo(1, 5);
      tf.dispose([squaredNorms, ...scalars, ...gradients]);
    }
    for (const { name, variable } of parameters) {
      const expected = reference.parameters[name]!;
      const actual = variable.dataSync();
      const difference = Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));
      expect(difference, name).toBeLessThanOrEqual(1e-5 * Math.max(...expected.map(Math.abs)));
      variable.dispose();
    }
    rule.dispose();
  });
});

test.each(Object.entries(fixture.rates))("the %s schedule is PyTorch's, step by step", (_, { schedule, values }) => {
  const config = trainingConfig({ schedule });
  for (const [index, value] of values.entries()) {
    expect(learningRate(config.schedule, 2, index + 1, fixture.steps)).toBeCloseTo(value, 12);
  }
});

test('a decay of the whole run leaves no plateau, one of none no decay', () => {
  const at = (decayFraction: number, step: number) => {
    const schedule = { name: 'warmup-stable-decay', warmupSteps: 0, decayFraction };
    return learningRate(trainingConfig({ schedule }).schedule, 1, step, 20);
  };
  expect(at(1, 10)).toBeCloseTo(0.55, 12);
  expect(at(0, 20)).toBe(1);
});

describe('transforms', () => {
  const parameter = { name: 'p', shape: [2], group: 'matrix' } as const;
  const times = (name: string, factor: number) => ({
    slots: () => [name],
    scalars: () => ({ [name]: factor }),
    apply: (gradient: tf.Tensor, [state]: readonly tf.Tensor[], scalars: Readonly<Record<string, tf.Scalar>>) => ({
      update: gradient,
      factor: scalars[name]!,
      slots: [tf.add(state!, gradient)],
    }),
  });

  test('a chain hands each the product of the one before, and its own slots', async () => {
    await tf.setBackend('cpu');
    const both = chain(times('a', 3), times('b', 5));
    expect(both.slots(parameter)).toEqual(['a', 'b']);
    const slots = [tf.tensor1d([10, 10]), tf.tensor1d([20, 20])];
    const result = both.apply(tf.tensor1d([1, 2]), slots, { a: tf.scalar(3), b: tf.scalar(5) }, parameter);
    expect([...result.update.dataSync()]).toEqual([3, 6]);
    expect(result.factor!.dataSync()[0]).toBe(5);
    expect(result.slots.map((slot) => [...slot.dataSync()])).toEqual([
      [11, 12],
      [23, 26],
    ]);
  });

  test('a partition keeps the numbers of its parts apart', async () => {
    await tf.setBackend('cpu');
    const parts = partition((p) => (p.name === 'p' ? 'left' : 'right'), { left: times('a', 3), right: times('a', 7) });
    expect(parts.scalars(1)).toEqual({ 'left.a': 3, 'right.a': 7 });
    const scalars = { 'left.a': tf.scalar(3), 'right.a': tf.scalar(7) };
    const factorOf = (name: string) =>
      parts.apply(tf.tensor1d([1]), [tf.tensor1d([0])], scalars, { ...parameter, name }).factor!.dataSync()[0];
    expect([factorOf('p'), factorOf('q')]).toEqual([3, 7]);
  });

  test('two numbers of one name are refused', () => {
    expect(() => chain(times('a', 1), times('a', 1)).scalars(1)).toThrow(/a number named a/);
  });
});

test('the decay of the moving average rises to its value', () => {
  expect(movingAverageDecay(0.999, 1)).toBeCloseTo(2 / 11, 12);
  expect(movingAverageDecay(0.9, 1000)).toBe(0.9);
});
