import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { activationDocumentation, activationNames, createActivation } from '../src/registry.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Values that no option has by default; every other option is a number, which may be 0.77. */
const others: Readonly<Record<string, unknown>> = {
  base: 'mish',
  hinges: 3,
  numerator: [1, 2, 3, 4, 5, 6],
  denominator: [1, 2, 3, 4],
  scope: 'channel',
  frozen: true,
  learningRateMultiplier: 2,
};
const ofApl: Readonly<Record<string, unknown>> = { a: [0.1, 0.2], b: [0.3, 0.4] };
const other = (name: string, option: string) => (name === 'apl' ? ofApl[option] : undefined) ?? others[option] ?? 0.77;

/** All that an activation does and says: its parameters with their initial values, and its value at some points. */
function effect(name: string, options: Record<string, unknown>): unknown {
  const { parameters, apply } = createActivation(name, options, { channels: 4 });
  let draws = 0;
  const initial = parameters.map(({ name, shape, initialize }) => {
    return [
      name,
      tf.tensor(
        initialize(() => (draws++ % 7) / 7),
        [...shape],
      ),
    ] as const;
  });
  const value = apply(tf.tensor1d([-2, -0.5, 0.5, 3]), Object.fromEntries(initial));
  const values = initial.map(([, tensor]) => [...tensor.dataSync()]);
  return [parameters.map(({ initialize: _, ...said }) => said), values, [...value.dataSync()]];
}

const options = activationNames().flatMap((name) =>
  activationDocumentation(name).options.map((option) => [name, option] as const),
);

test.each(options)('%s: option %s changes what it makes, and is recorded', (name, option) => {
  const given = { [option]: other(name, option) };
  expect(effect(name, given)).not.toEqual(effect(name, {}));
  expect(createActivation(name, given, { channels: 4 }).options).toMatchObject(given);
});
