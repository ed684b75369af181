import type { ActivationCreator } from '@dynact/activations/registry';
import { uniformStream } from '@dynact/nn';
import { createArchitecture, modelConfigSchema, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { Named } from './finite-differences.ts';

/** A function of variables that can be tried. */
export interface Subject {
  /** Names of the input and the parameters. */
  readonly variables: readonly Named[];
  run(): tf.Tensor;
  dispose(): void;
}

/** An activation by itself, f(x), or as a gate, f(gate) * value, over `rows` x `channels` numbers from -3 to 3. */
export function activationSubject(
  creator: ActivationCreator,
  form: 'plain' | 'gate',
  [rows, channels]: readonly [number, number] = [4, 6],
): Subject {
  const activation = creator(undefined, { channels });
  const uniform = uniformStream(0, `check/${form}`);
  const input = (name: string) => named(name, [rows, channels], () => 6 * uniform() - 3);
  const inputs = form === 'gate' ? [input('x'), input('value')] : [input('x')];
  const parameters = activation.parameters.map(({ name, shape, initialize }) => {
    const values = initialize(uniform);
    // Away from where it begins, so that a parameter whose effect vanishes there is seen.
    return named(name, shape, (index) => values[index]! + 0.1);
  });
  const byName = () => Object.fromEntries(parameters.map(({ name, variable }) => [name, variable]));
  const [x, value] = inputs.map(({ variable }) => variable);
  return {
    variables: [...inputs, ...parameters],
    run: () => (value === undefined ? activation.apply(x!, byName()) : activation.gate(x!, value, byName())),
    dispose: () => tf.dispose([...inputs, ...parameters].map(({ variable }) => variable)),
  };
}

/** A feed-forward block in a model of this width, over `rows` rows. */
export interface BlockSubject extends Subject {
  readonly width: number;
  apply(x: tf.Tensor2D): tf.Tensor2D;
}

export function blockSubject(kind: string, width: number, rows: number): BlockSubject {
  // Larger initial values than a model's, so that every part moves the result.
  const initialization = { standardDeviation: 0.2 };
  const config = modelConfigSchema.parse({ layers: 1, width, heads: 2, feedForward: { kind }, initialization });
  const { feedForward } = createArchitecture(resolveModelConfig(config, 257)).blocks[0]!;
  for (const parameter of feedForward.parameters) parameter.create(0);
  const uniform = uniformStream(0, 'check/block');
  const x = named('x', [rows, width], () => 4 * uniform() - 2);
  const own = feedForward.parameters.filter(({ trainable }) => trainable);
  const short = (name: string) => name.replace(/^blocks\.0\.feedForward\./, '');
  return {
    width,
    variables: [x, ...own.map(({ name, variable }) => ({ name: short(name), variable }))],
    run: () => feedForward.apply(x.variable as tf.Tensor as tf.Tensor2D),
    apply: (rows) => feedForward.apply(rows),
    dispose() {
      x.variable.dispose();
      for (const parameter of feedForward.parameters) parameter.dispose();
    },
  };
}

function named(name: string, shape: readonly number[], value: (index: number) => number): Named {
  const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, index) => value(index));
  return { name, variable: tf.tidy(() => tf.variable(tf.tensor(values, [...shape]))) };
}
