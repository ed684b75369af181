import { InputError } from '@dynact/files/input-error';
import type * as tf from '@tensorflow/tfjs-core';

/** An activation by name, with its options beside the name. */
export interface NamedActivation {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** [rows, features] -> [rows, other features] */
export type RowsToRows = (x: tf.Tensor2D) => tf.Tensor2D;

/** An activation inside a block, with parameters of the layer's own. */
interface OwnActivation {
  /** f(x), of x's shape */
  apply(x: tf.Tensor2D): tf.Tensor2D;
  /** f(gate) * value, of their shape */
  gate(gate: tf.Tensor2D, value: tf.Tensor2D): tf.Tensor2D;
}

/** The means of a block: each makes parameters under a name of the block's choice, which checkpoints use too. */
export interface FeedForwardParts {
  /** Features of the residual stream: those of what comes in and of what goes out. */
  readonly width: number;
  /** Features between the matrices: `model.feedForward.hiddenWidth`, by default 2/3 of 4 x width. */
  readonly hiddenWidth: number;
  /** x W, with a bias in a model that has biases. @param inputs by default width */
  linear(name: string, outputs: number, inputs?: number): RowsToRows;
  /** The last matrix: to `width` features, with the smaller initial values of all that writes to the residual stream. */
  output(name: string, inputs: number): RowsToRows;
  /** A registered activation, with its options beside its name. @param channels features that it works on, by default hiddenWidth */
  activation(name: string, activation: NamedActivation, channels?: number): OwnActivation;
  /** A trainable tensor with one initial value everywhere; no weight decay. It is there when the block is applied. */
  parameter(name: string, shape: readonly number[], initial: number): () => tf.Tensor;
}

export interface FeedForwardDefinition {
  /** Letters, digits, "-" and "_": the kind of `model.feedForward.kind`, and a variant's name. */
  readonly name: string;
  /** Makes the parameters of one layer. @returns its forward pass, [rows, width] -> [rows, width], of TensorFlow.js operations */
  block(parts: FeedForwardParts): RowsToRows;
}

const definitions = new Map<string, FeedForwardDefinition>();

/**
 * A whole feed-forward block of one's own, in place of the matrices around an activation. TensorFlow.js differentiates it.
 *
 *     defineFeedForward({
 *       name: 'squared',
 *       block: ({ hiddenWidth, linear, output }) => {
 *         const [up, down] = [linear('up', hiddenWidth), output('down', hiddenWidth)];
 *         return (x) => down(tf.square(tf.relu(up(x))));
 *       },
 *     });
 *
 * @throws InputError for a name that cannot be one, or without a block
 */
export function defineFeedForward(definition: FeedForwardDefinition): FeedForwardDefinition {
  const { name, block } = definition;
  if (typeof name !== 'string' || !/^[a-z][\w-]*$/i.test(name)) {
    const known = 'a letter, then letters, digits, "-" or "_"';
    throw new InputError('configuration', `defineFeedForward: ${JSON.stringify(name)} names nothing; use ${known}`);
  }
  if (typeof block !== 'function') {
    throw new InputError('configuration', `${name}: block is missing; give a function of the parts that makes one`);
  }
  return definition;
}

/** Gives a block its name, under which `feedForwardKind` finds it: who calls has seen that the name is free. */
export function addFeedForward(definition: FeedForwardDefinition): void {
  definitions.set(definition.name, definition);
}

export function ownFeedForward(name: string): FeedForwardDefinition | undefined {
  return definitions.get(name);
}

export function ownFeedForwardNames(): readonly string[] {
  return [...definitions.keys()];
}
