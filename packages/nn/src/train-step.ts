import * as tf from '@tensorflow/tfjs-core';
import { type Compile, runAsIs, type Undoable } from './compile.ts';
import type { GradientTransform, NamedTensors, StepScalars } from './optimizers/gradient-transform.ts';
import { type MovingAverage, Optimizer } from './optimizers/optimizer.ts';
import type { Parameter } from './parameters.ts';

/** Something to train: parameters, and the mean loss of a micro-batch as a function of them. */
export interface Objective<Batch extends tf.TensorContainerObject> {
  /** Those that are not trainable stay as they are. */
  readonly parameters: readonly Parameter[];
  loss(batch: Batch): tf.Scalar;
}

/** The norm of each parameter's gradient, by the parameter's name. */
export type GradientNorms = Readonly<Record<string, number>>;

export interface TrainStepOptions {
  readonly transform: GradientTransform;
  /** Micro-batches whose gradients are averaged in one step, those of other processes included; 1 by default. */
  readonly microBatches?: number;
  readonly movingAverage?: MovingAverage;
  readonly compile?: Compile;
  readonly exchange?: GradientExchange;
}

/** Gradients summed over processes: accumulation that is spread over them, a micro-batch of each at a time. */
export interface GradientExchange {
  /**
   * @param gradients of this process's next micro-batch, one parameter behind another: [numbers of all parameters]
   * @param copyMs how long they took to leave the device
   */
  add(gradients: Float32Array, copyMs: number): void;
  /**
   * Ends the step, in every process.
   * @param losses of this process's micro-batches
   * @returns the sums as `add` takes them, and the losses of all processes in the order of micro-batches
   */
  finish(losses: readonly number[]): { readonly sums: Float32Array; readonly losses: readonly number[] };
}

export interface StepResult {
  /** Mean loss before the update, over the micro-batches of all processes. */
  readonly loss: number;
  /** Global L2 norm of the mean gradient before clipping. */
  readonly gradientNorm: number;
  readonly gradientNorms: GradientNorms;
  /** Names of parameters whose gradient holds a NaN or an infinity (or is too large to square). */
  readonly nonFinite: readonly string[];
}

/**
 * An optimizer's step: gradients of the loss, averaged over micro-batches, through the transform onto the parameters.
 * Everything that changes from step to step is an argument of the compiled functions, so a run compiles once.
 */
export class TrainStep<Batch extends tf.TensorContainerObject> {
  /** The trainable parameters. */
  readonly parameters: readonly Parameter[];
  readonly optimizer: Optimizer;
  readonly #objective: Objective<Batch>;
  readonly #exchange: TrainStepOptions['exchange'];
  /** Sums of gradients by parameter name; undefined where a step is one micro-batch, or the sums are exchanged. */
  readonly #accumulators: NamedTensors<tf.Variable> | undefined;
  readonly #whole: (batch: Batch, scalars: NamedTensors<tf.Scalar>) => { loss: tf.Scalar; squaredNorms: tf.Tensor1D };
  readonly #accumulate: (batch: Batch) => tf.Scalar;
  readonly #apply: (scalars: NamedTensors<tf.Scalar>) => tf.Tensor1D;
  readonly #flatGradients: (batch: Batch) => { loss: tf.Scalar; flat: tf.Tensor1D };
  readonly #applyFlat: (sums: tf.Tensor1D, scalars: NamedTensors<tf.Scalar>) => tf.Tensor1D;

  constructor(objective: Objective<Batch>, options: TrainStepOptions) {
    const { transform, microBatches = 1, movingAverage, compile = runAsIs, exchange } = options;
    this.#objective = objective;
    this.#exchange = exchange;
    this.parameters = objective.parameters.filter(({ trainable }) => trainable);
    const optimizer = new Optimizer(this.parameters, transform, movingAverage);
    this.optimizer = optimizer;
    const accumulates = microBatches > 1 && exchange === undefined;
    const sums = byName(accumulates ? this.parameters : [], ({ shape }) =>
      tf.tidy(() => tf.variable(tf.zeros([...shape]), false)),
    );
    this.#accumulators = accumulates ? sums : undefined;

    this.#whole = compile((batch: Batch, scalars: NamedTensors<tf.Scalar>) =>
      tf.tidy(() => {
        const { loss, gradients } = this.#lossAndGradients(batch);
        return { loss, squaredNorms: optimizer.update(gradients, scalars) };
      }),
    );
    this.#accumulate = compile((batch: Batch) =>
      tf.tidy(() => {
        const { loss, gradients } = this.#lossAndGradients(batch);
        for (const [name, sum] of Object.entries(sums)) sum.assign(tf.add(sum, gradients[name]!));
        return loss;
      }),
    );
    this.#apply = compile((scalars: NamedTensors<tf.Scalar>) =>
      tf.tidy(() => {
        const gradients = byName(this.parameters, ({ name }) => tf.mul(sums[name]!, 1 / microBatches));
        const squaredNorms = optimizer.update(gradients, scalars);
        for (const sum of Object.values(sums)) sum.assign(tf.zerosLike(sum));
        return squaredNorms;
      }),
    );
    this.#flatGradients = compile((batch: Batch) =>
      tf.tidy(() => {
        const { loss, gradients } = this.#lossAndGradients(batch);
        // One tensor, so that it leaves the device in one piece.
        return { loss, flat: tf.concat1d(Object.values(gradients).map((gradient) => tf.reshape(gradient, [-1]))) };
      }),
    );
    this.#applyFlat = compile((flat: tf.Tensor1D, scalars: NamedTensors<tf.Scalar>) =>
      tf.tidy(() => {
        const pieces = tf.split(
          flat,
          this.parameters.map(({ shape }) => tf.util.sizeFromShape([...shape])),
        );
        const gradients = byName(this.parameters, ({ shape }, index) =>
          tf.mul(tf.reshape(pieces[index]!, [...shape]), 1 / microBatches),
        );
        return optimizer.update(gradients, scalars);
      }),
    );
  }

  /**
   * Where the loss or a gradient is not finite, the parameters stay as they were, so that the cause can still be found;
   * the optimizer's state and the moving average are spoiled.
   * @param step from 1
   * @param microBatches those of this process, taken one at a time; the step disposes their tensors
   */
  async run(step: number, microBatches: Iterable<Batch>): Promise<StepResult> {
    const scalars = scalarTensors(this.optimizer.scalars(step));
    // Clones share memory; they keep the old values alive until the step is known to be finite, where nothing else does.
    const updating: Partial<Undoable> = this.#updating;
    const before = updating.canUndo ? undefined : this.parameters.map(({ variable }) => tf.clone(variable));
    const { losses, squaredNorms } = await (this.#exchange === undefined
      ? this.#runHere(microBatches, scalars)
      : this.#runTogether(this.#exchange, microBatches, scalars));
    const squares = (await squaredNorms.data()) as Float32Array;
    tf.dispose([squaredNorms, scalars]);

    const loss = losses.reduce((sum, each) => sum + each / losses.length, 0);
    const gradientNorm = Math.sqrt(squares.reduce((sum, squared) => sum + squared, 0));
    const gradientNorms = byName(this.parameters, (_, index) => Math.sqrt(squares[index]!));
    const nonFinite = Object.keys(gradientNorms).filter((name) => !Number.isFinite(gradientNorms[name]));
    if (nonFinite.length > 0 || !Number.isFinite(loss)) {
      const variables = this.parameters.map(({ variable }) => variable);
      if (before === undefined) updating.undo?.(variables);
      else for (const [index, variable] of variables.entries()) variable.assign(before[index]!);
    }
    if (before !== undefined) tf.dispose(before);
    return { loss, gradientNorm, gradientNorms, nonFinite };
  }

  /** The compiled function that assigns the parameters. */
  get #updating(): object {
    if (this.#exchange !== undefined) return this.#applyFlat;
    return this.#accumulators === undefined ? this.#whole : this.#apply;
  }

  async #runHere(microBatches: Iterable<Batch>, scalars: NamedTensors<tf.Scalar>) {
    const losses: number[] = [];
    let squaredNorms: tf.Tensor1D | undefined;
    for (const batch of microBatches) {
      let loss: tf.Scalar;
      if (this.#accumulators === undefined) ({ loss, squaredNorms } = this.#whole(batch, scalars));
      else loss = this.#accumulate(batch);
      losses.push((await loss.data())[0]!);
      tf.dispose([loss, batch]);
    }
    if (this.#accumulators !== undefined) squaredNorms = this.#apply(scalars);
    if (squaredNorms === undefined) throw new Error('a step needs a micro-batch');
    return { losses, squaredNorms };
  }

  async #runTogether(exchange: GradientExchange, microBatches: Iterable<Batch>, scalars: NamedTensors<tf.Scalar>) {
    const own: number[] = [];
    for (const batch of microBatches) {
      const { loss, flat } = this.#flatGradients(batch);
      own.push((await loss.data())[0]!);
      const before = performance.now();
      const gradients = (await flat.data()) as Float32Array;
      exchange.add(gradients, performance.now() - before);
      tf.dispose([loss, flat, batch]);
    }
    const { sums, losses } = exchange.finish(own);
    const flat = tf.tensor1d(sums);
    const squaredNorms = this.#applyFlat(flat, scalars);
    flat.dispose();
    return { losses, squaredNorms };
  }

  dispose(): void {
    this.optimizer.dispose();
    if (this.#accumulators !== undefined) tf.dispose(this.#accumulators);
  }

  #lossAndGradients(batch: Batch): { loss: tf.Scalar; gradients: NamedTensors } {
    const { value, grads } = tf.variableGrads(
      () => this.#objective.loss(batch),
      this.parameters.map(({ variable }) => variable),
    );
    return { loss: value, gradients: byName(this.parameters, ({ variable }) => grads[variable.name]!) };
  }
}

function byName<Value>(
  parameters: readonly Parameter[],
  make: (parameter: Parameter, index: number) => Value,
): Record<string, Value> {
  return Object.fromEntries(parameters.map((parameter, index) => [parameter.name, make(parameter, index)]));
}

function scalarTensors(scalars: StepScalars): Record<string, tf.Scalar> {
  return Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value)]));
}
