import { dispose, type Tensor, tensor, type Variable, variable } from '@tensorflow/tfjs-core';
import type { Activation, ActivationParameter } from './activation.ts';
import { InputError } from './errors.ts';
import { divided, isMoved, multiplied } from './multiplied.ts';
import { clone, tidy } from './operations.ts';

/** JSON form of an owned activation: what it is, and the raw values of its parameters. */
export interface SerializedActivation {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

/**
 * An activation that owns its parameters as TensorFlow.js variables. They train with any optimizer: `minimize` finds
 * variables by itself, and `learningRateMultiplier` acts whatever the optimizer is.
 *
 *     const activation = new OwnedActivation(createDynActivation({ base: 'mish' }));
 *     const y = activation.apply(x);
 */
export class OwnedActivation {
  readonly activation: Activation;
  /** Each parameter with the variable that holds its raw value, divided by a `learningRateMultiplier` that is not 0. */
  readonly parameters: readonly (Omit<ActivationParameter, 'learningRateMultiplier'> & {
    readonly variable: Variable;
  })[];

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
      const { learningRateMultiplier: _, ...shown } = parameter;
      const raw = given?.[parameter.name] ?? parameter.initialize(random);
      const value = tensor(divided(parameter, raw), [...parameter.shape], 'float32');
      const owned = { ...shown, variable: variable(value, isMoved(parameter)) };
      value.dispose();
      return owned;
    });
  }

  /** f(x), of x's shape; x is float32. */
  apply(x: Tensor): Tensor {
    return tidy(() => this.activation.apply(x, this.#raw()));
  }

  /** f(gate) * value; both float32 and of the same shape. */
  gate(gate: Tensor, value: Tensor): Tensor {
    return tidy(() => this.activation.gate(gate, value, this.#raw()));
  }

  /** The readable values that the formula sees now, one number per layer or one per channel. */
  async values(): Promise<Record<string, number[]>> {
    return readAll(tidy(() => this.activation.values(this.#raw())));
  }

  /** For JSON; `restoreActivation` of the registry makes it an activation again. */
  async serialize(): Promise<SerializedActivation> {
    const { name, options } = this.activation;
    const raw = tidy(() =>
      Object.fromEntries(Object.entries(this.#raw()).map(([name, tensor]) => [name, clone(tensor)])),
    );
    return { name, options, parameters: await readAll(raw) };
  }

  dispose(): void {
    dispose(this.parameters.map(({ variable }) => variable));
  }

  #raw(): Record<string, Tensor> {
    const { parameters } = this.activation;
    return Object.fromEntries(
      this.parameters.map(({ name, variable }, index) => [name, multiplied(parameters[index]!, variable)]),
    );
  }
}

/** Disposes of the tensors. */
async function readAll(tensors: Readonly<Record<string, Tensor>>): Promise<Record<string, number[]>> {
  const entries = Object.entries(tensors).map(
    async ([name, tensor]) => [name, Array.from(await tensor.data())] as const,
  );
  const read = Object.fromEntries(await Promise.all(entries));
  dispose(tensors);
  return read;
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
