import {
  createParameters,
  embed,
  linearCrossEntropy,
  linearTokenLosses,
  normalParameter,
  type Parameter,
  type ParameterSpecification,
  ParameterTensors,
} from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import {
  type AttendToKept,
  type AttentionTables,
  applyAttention,
  applyKeptAttention,
  attentionParameters,
  attentionTables,
  attentionTableTensors,
  type NewTokens,
} from './attention.ts';
import type { ResolvedModelConfig } from './config.ts';
import { type FeedForwardBlock, feedForwardBlock } from './feed-forward/block.ts';
import { applyNorm, normParameters } from './norm.ts';

/** The dropout masks of one step, in the order of `Gpt.dropoutSites`: each [batch * time, width], 0 or 1 / (1 - p). */
export type DropoutMasks = readonly tf.Tensor2D[];

/**
 * A decoder-only transformer: token embedding, pre-norm residual blocks of attention and feed-forward, final norm, output.
 * Sequences are int32 [batch, time] with time at most `config.context`; inside, rows of all sequences stand in one matrix.
 */
export class Gpt {
  readonly config: ResolvedModelConfig;
  readonly parameters: readonly Parameter[];
  readonly feedForwards: readonly FeedForwardBlock[];
  readonly #tensors: ParameterTensors;
  readonly #tables = new Map<number, AttentionTables>();

  constructor(config: ResolvedModelConfig, seed: number) {
    this.config = config;
    this.feedForwards = feedForwardBlocks(config);
    this.parameters = createParameters(parameterSpecifications(config, this.feedForwards), seed);
    this.#tensors = new ParameterTensors(new Map(this.parameters.map(({ name, variable }) => [name, variable])));
  }

  /** How many masks `loss` takes when the model has dropout: the embedding and two branches a layer. */
  get dropoutSites(): number {
    return this.config.dropout === 0 ? 0 : 1 + 2 * this.config.layers;
  }

  /**
   * The final hidden states, normalised.
   * @param inputs [batch, time] int32
   * @param watch sees the residual stream after each part, and what the names of the part's parameters begin with
   * @returns [batch * time, width]
   */
  hidden(
    inputs: tf.Tensor2D,
    masks: DropoutMasks = [],
    watch?: (part: string, stream: tf.Tensor2D) => void,
  ): tf.Tensor2D {
    const { config } = this;
    const tensors = this.#tensors;
    const [batch, time] = inputs.shape;
    const tables = this.#tablesFor(time);
    let site = 0;
    const drop = (x: tf.Tensor2D): tf.Tensor2D => {
      const mask = masks[site++];
      return mask === undefined ? x : tf.mul(x, mask);
    };

    const indices = flat(inputs);
    let stream = embed(tensors.get('tokenEmbedding.weight') as tf.Tensor2D, indices);
    watch?.('tokenEmbedding', stream);
    if (config.position === 'learned') stream = this.#addPositions(stream, batch, time);
    stream = drop(stream);
    watch?.('positionEmbedding', stream);
    for (const [layer, feedForward] of this.feedForwards.entries()) {
      const block = `blocks.${layer}`;
      const attentionInput = applyNorm(stream, `${block}.attentionNorm`, tensors, config);
      const attended = applyAttention(attentionInput, `${block}.attention`, tensors, tables, config);
      stream = tf.add(stream, drop(attended));
      watch?.(`${block}.attention`, stream);
      const feedForwardInput = applyNorm(stream, `${block}.feedForwardNorm`, tensors, config);
      stream = tf.add(stream, drop(feedForward.apply(feedForwardInput, tensors)));
      watch?.(`${block}.feedForward`, stream);
    }
    const normed = applyNorm(stream, 'finalNorm', tensors, config);
    watch?.('finalNorm', normed);
    return normed;
  }

  /** @returns [batch, time, vocabularySize] */
  logits(inputs: tf.Tensor2D): tf.Tensor3D {
    const [batch, time] = inputs.shape;
    const logits = this.outputLogits(this.hidden(inputs));
    return tf.reshape(logits, [batch, time, this.config.vocabularySize]);
  }

  /**
   * The mean training loss in nats per token.
   * @param targets [batch, time] int32: the token after each input
   */
  loss(inputs: tf.Tensor2D, targets: tf.Tensor2D, masks: DropoutMasks = []): tf.Scalar {
    const flatTargets = flat(targets);
    return linearCrossEntropy(this.hidden(inputs, masks), this.#outputWeight(), flatTargets);
  }

  /** The loss of each token in nats, without dropout. @returns [batch * time] */
  tokenLosses(inputs: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
    const flatTargets = flat(targets);
    return linearTokenLosses(this.hidden(inputs), this.#outputWeight(), flatTargets);
  }

  /**
   * The final hidden states of new tokens whose predecessors' keys and values are kept.
   * @param tokens [batch * time] int32
   * @param attend attention of one layer to what is kept and to the new keys and values
   * @returns [batch * time, width]
   */
  keptHidden(
    tokens: tf.Tensor1D,
    newTokens: NewTokens,
    attend: (layer: number, ...operands: Parameters<AttendToKept>) => tf.Tensor4D,
  ): tf.Tensor2D {
    const { config } = this;
    const tensors = this.#tensors;
    const tables = this.#tablesFor(config.context);
    let stream = embed(tensors.get('tokenEmbedding.weight') as tf.Tensor2D, tokens);
    if (config.position === 'learned') {
      stream = tf.add(stream, tf.gather(tensors.get('positionEmbedding.weight') as tf.Tensor2D, newTokens.positions));
    }
    for (const [layer, feedForward] of this.feedForwards.entries()) {
      const block = `blocks.${layer}`;
      const attentionInput = applyNorm(stream, `${block}.attentionNorm`, tensors, config);
      const attendHere: AttendToKept = (...operands) => attend(layer, ...operands);
      const name = `${block}.attention`;
      const attended = applyKeptAttention(attentionInput, name, tensors, tables, newTokens, attendHere, config);
      stream = tf.add(stream, attended);
      const feedForwardInput = applyNorm(stream, `${block}.feedForwardNorm`, tensors, config);
      stream = tf.add(stream, feedForward.apply(feedForwardInput, tensors));
    }
    return applyNorm(stream, 'finalNorm', tensors, config);
  }

  /** The logits of hidden states. @param hidden [rows, width] @returns [rows, vocabularySize] */
  outputLogits(hidden: tf.Tensor2D): tf.Tensor2D {
    return tf.matMul(hidden, this.#outputWeight(), false, true);
  }

  /** The readable values of a layer's activation parameters, after reparametrisation; the caller disposes them. */
  activationValues(layer: number): Record<string, tf.Tensor> {
    return this.feedForwards[layer]?.activationValues(this.#tensors) ?? {};
  }

  dispose(): void {
    for (const { variable } of this.parameters) variable.dispose();
    for (const tables of this.#tables.values()) tf.dispose(attentionTableTensors(tables));
    this.#tables.clear();
  }

  #outputWeight(): tf.Tensor2D {
    return this.#tensors.get(this.config.tieEmbeddings ? 'tokenEmbedding.weight' : 'output.weight') as tf.Tensor2D;
  }

  #addPositions(stream: tf.Tensor2D, batch: number, time: number): tf.Tensor2D {
    const { width } = this.config;
    const positions = tf.slice(this.#tensors.get('positionEmbedding.weight') as tf.Tensor2D, [0, 0], [time, width]);
    const placed = tf.add(tf.reshape(stream, [batch, time, width]), positions);
    return tf.reshape(placed, [batch * time, width]);
  }

  /** Tables live as long as the model: a compiled step must find the same tensors again. */
  #tablesFor(time: number): AttentionTables {
    const known = this.#tables.get(time);
    if (known !== undefined) return known;
    const tables = attentionTables(this.config, time);
    for (const tensor of attentionTableTensors(tables)) tf.keep(tensor);
    this.#tables.set(time, tables);
    return tables;
  }
}

function flat(tokens: tf.Tensor2D): tf.Tensor1D {
  return tf.reshape(tokens, [tokens.size]);
}

/** The feed-forward block of every layer. */
export function feedForwardBlocks(config: ResolvedModelConfig): FeedForwardBlock[] {
  return Array.from({ length: config.layers }, (_, layer) => feedForwardBlock(config, layer));
}

/** Every parameter of the architecture, in a fixed order, without creating any. */
export function parameterSpecifications(
  config: ResolvedModelConfig,
  feedForwards: readonly FeedForwardBlock[] = feedForwardBlocks(config),
): ParameterSpecification[] {
  const { vocabularySize, width, context, initialization } = config;
  const embeddingDeviation = initialization.embeddingStandardDeviation;
  const specifications = [
    normalParameter('tokenEmbedding.weight', [vocabularySize, width], 'embedding', embeddingDeviation),
  ];
  if (config.position === 'learned') {
    specifications.push(normalParameter('positionEmbedding.weight', [context, width], 'embedding', embeddingDeviation));
  }
  for (const [layer, feedForward] of feedForwards.entries()) {
    specifications.push(
      ...normParameters(`blocks.${layer}.attentionNorm`, config),
      ...attentionParameters(`blocks.${layer}.attention`, config),
      ...normParameters(`blocks.${layer}.feedForwardNorm`, config),
      ...feedForward.parameters,
    );
  }
  specifications.push(...normParameters('finalNorm', config));
  if (!config.tieEmbeddings) {
    const { standardDeviation } = initialization;
    specifications.push(normalParameter('output.weight', [vocabularySize, width], 'output', standardDeviation));
  }
  return specifications;
}
