/**
 * Activations as tf.layers layers. They save and load with their model; a program that only loads such a model imports
 * this module, which registers the classes.
 */
import { serialization, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { Activation } from './activation.ts';
import { InputError } from './errors.ts';
import { divided, isDivided, isMoved, multiplied } from './multiplied.ts';
import { seededRandom } from './random.ts';
import { activationDocumentation, createActivation } from './registry.ts';

type Shape = (number | null)[];
type LayerConfig = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;
type Weight = ReturnType<layers.Layer['addWeight']>;
type WeightInitializer = NonNullable<Parameters<layers.Layer['addWeight']>[3]>;

export interface ActivationLayerConfig extends LayerConfig {
  /** A name of the registry. */
  activation: string;
  /**
   * The activation's options (initial values, base, scope, ...). Weights are raw values, divided by a `learningRateMultiplier`
   * that is not 0: so it acts whatever the model's optimizer is.
   */
  options?: Record<string, unknown>;
  /** Draws the initial values that are random; left out, each layer draws others. */
  seed?: number;
}

/** f(x) as a layer; parameters per channel belong to the last axis of its input. */
export class ActivationLayer extends layers.Layer {
  /** @nocollapse */
  static className = 'DynactActivation';

  readonly #activationName: string;
  readonly #options: Record<string, unknown>;
  readonly #seed: number | undefined;
  #activation: Activation | undefined;
  #weights: Record<string, Weight> = {};

  /** @throws InputError for an unknown activation, a wrong option, or an option beside `options` */
  constructor({ activation, options = {}, seed, ...config }: ActivationLayerConfig) {
    super(config as LayerConfig);
    const misplaced = activationDocumentation(activation).options.find((option) => Object.hasOwn(config, option));
    if (misplaced !== undefined) {
      throw new InputError(`${this.name}: ${misplaced} is an option of ${activation}; it belongs into options`);
    }
    // The number of channels is known only when the layer is built; wrong options are told now.
    createActivation(activation, options, { channels: 1 });
    this.#activationName = activation;
    this.#options = options;
    this.#seed = seed;
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = this.valueShape(inputShape);
    const channels = shape.at(-1) ?? undefined;
    this.#activation = createActivation(this.#activationName, this.#options, { channels });
    const random = this.#seed === undefined ? Math.random : seededRandom(this.#seed);
    for (const parameter of this.#activation.parameters) {
      // tf.layers asks of an initializer only that it has apply.
      const values = () => divided(parameter, parameter.initialize(random));
      const initializer = { apply: (shape: number[]) => tensor(values(), shape) } as unknown;
      this.#weights[parameter.name] = this.addWeight(
        // A weight saved undivided, before multipliers acted, is refused by its name.
        isDivided(parameter) ? `${parameter.name}_divided` : parameter.name,
        [...parameter.shape],
        'float32',
        initializer as WeightInitializer,
        undefined,
        isMoved(parameter),
      );
    }
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return this.valueShape(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => this.compute(this.builtActivation(), Array.isArray(inputs) ? inputs : [inputs], this.tensors()));
  }

  override getConfig(): serialization.ConfigDict {
    const config = { activation: this.#activationName, options: this.#options as serialization.ConfigDict };
    return { ...super.getConfig(), ...config, ...(this.#seed === undefined ? {} : { seed: this.#seed }) };
  }

  /** The readable parameter values that the formula sees now; the caller owns the tensors. */
  values(): Record<string, Tensor> {
    return tidy(() => this.builtActivation().values(this.tensors()));
  }

  protected compute(activation: Activation, [x]: Tensor[], parameters: Record<string, Tensor>): Tensor {
    return activation.apply(x!, parameters);
  }

  protected valueShape(inputShape: Shape | Shape[]): Shape {
    if (isNested(inputShape)) throw new InputError(`${this.name}: it takes one input, not ${inputShape.length}`);
    return inputShape;
  }

  private builtActivation(): Activation {
    if (this.#activation === undefined) throw new InputError(`${this.name}: it has no parameters before it is built`);
    return this.#activation;
  }

  private tensors(): Record<string, Tensor> {
    const { parameters } = this.builtActivation();
    return Object.fromEntries(
      parameters.map((parameter) => [parameter.name, multiplied(parameter, this.#weights[parameter.name]!.read())]),
    );
  }
}

/** f(gate) * value as a layer of two inputs, [gate, value], of the same shape. */
export class GateLayer extends ActivationLayer {
  /** @nocollapse */
  static override className = 'DynactGate';

  protected override compute(
    activation: Activation,
    [gate, value]: Tensor[],
    parameters: Record<string, Tensor>,
  ): Tensor {
    return activation.gate(gate!, value!, parameters);
  }

  protected override valueShape(inputShape: Shape | Shape[]): Shape {
    if (!isNested(inputShape) || inputShape.length !== 2) {
      throw new InputError(`${this.name}: it takes two inputs, [gate, value]`);
    }
    return inputShape[1]!;
  }
}

function isNested(shape: Shape | Shape[]): shape is Shape[] {
  return Array.isArray(shape[0]);
}

serialization.registerClass(ActivationLayer);
serialization.registerClass(GateLayer);

/** A layer with the activation of this name, for tf.sequential and tf.model. */
export function activationLayer(config: ActivationLayerConfig): ActivationLayer {
  return new ActivationLayer(config);
}

/** A layer of two inputs, [gate, value], that gives activation(gate) * value. */
export function gateLayer(config: ActivationLayerConfig): GateLayer {
  return new GateLayer(config);
}
