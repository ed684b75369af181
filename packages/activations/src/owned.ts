import { dispose, type Tensor, tensor, type Variable, variable } from '@tensorflow/tfjs-core';
import type { Activation, ActivationParameter } from './activation.ts';
import { InputError } from './errors.ts';

/** JSON form of an owned activation: what it is, and the raw values of its parameters. */
export interface SerializedActivation {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

/**
 * An activation that owns its parameters as TensorFlow.js variables. They train with any optimizer: `minimize` finds
 * variables by itself, and `parameters` says which of them want no weight decay or a learning rate of their own.
 *
 *     const activation = new OwnedActivation(createDynActivation({ base: 'mish' }));
 *     const y = activation.apply(x);
 */
export class OwnedActivation {
  readonly activation: Activation;
  /** Each parameter with the variable that holds its raw value. */
  readonly parameters: readonly (ActivationParameter & { readonly variable: Variable })[];
  readonly #tensors: Readonly<Record<string, Variable>>;

  /**
   * @param initial `random` (uniform in [0, 1), default Math.random) draws initial values; `parameters` gives raw values instead
   * @throws InputError when given parameters are not the activation's
   */
  constructor(
    activation: Activation,
    initial: { random?: () => number; parameters?: Readonly<Record<string, readonly number[]>> } = {},
  ) {
    const { random = Math.random, parameters: given } = initial;
    if (given !== undefined) checkGiven(activation, given);
    this.activation = activation;
    this.parameters = activation.parameters.map((parameter) => {
      const raw = given?.[parameter.name] ?? parameter.initialize(random);
      const value = tensor(Float32Array.from(raw), [...parameter.shape], 'float32');
      const owned = { ...parameter, variable: variable(value, parameter.trainable) };
      value.dispose();
      return owned;
    });
    this.#tensors = Object.fromEntries(this.parameters.map(({ name, variable }) => [name, variable]));
  }

  /** f(x), of x's shape; x is float32. */
  apply(x: Tensor): Tensor {
    return this.activation.apply(x, this.#tensors);
  }

  /** f(gate) * value; both float32 and of the same shape. */
  gate(gate: Tensor, value: Tensor): Tensor {
    return this.activation.gate(gate, value, this.#tensors);
  }

  /** The readable values that the formula sees now, one number per layer or one per channel. */
  async values(): Promise<Record<string, number[]>> {
    const values = this.activation.values(this.#tensors);
    const read = await readAll(values);
    dispose(values);
    return read;
  }

  /** For JSON; `restoreActivation` of the registry makes it an activation again. */
  async serialize(): Promise<SerializedActivation> {
    const { name, options } = this.activation;
    return { name, options, parameters: await readAll(this.#tensors) };
  }

  dispose(): void {
    dispose(this.#tensors);
  }
}

async function readAll(tensors: Readonly<Record<string, Tensor>>): Promise<Record<string, number[]>> {
  const entries = Object.entries(tensors).map(
    async ([name, tensor]) => [name, Array.from(await tensor.data())] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

function checkGiven({ name, parameters }: Activation, given: Readonly<Record<string, readonly number[]>>): void {
  const known = new Set(parameters.map(({ name }) => name));
  const unknown = Object.keys(given).find((key) => !known.has(key));
  if (unknown !== undefined) {
    throw new InputError(`${name}: unknown parameter "${unknown}"; it takes ${[...known].join(', ') || 'none'}`);
  }
  for (const { name: parameter, shape } of parameters) {
    const size = shape[0] ?? 1;
    const values = given[parameter];
    if (values === undefined || values.length !== size || !values.every(Number.isFinite)) {
      throw new InputError(
        `${name}: parameter "${parameter}" must be ${size} finite numbers; it is ${JSON.stringify(values)}`,
      );
    }
  }
}
