import { embed, linearCrossEntropy, linearTokenLosses, type Parameter } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import { type Architecture, createArchitecture } from './architecture.ts';
import { AttentionTables } from './attention-tables.ts';
import type { Attend } from './blocks/attention.ts';
import type { Drop, ForwardPass } from './blocks/block.ts';
import type { ResolvedModelConfig } from './config/resolve.ts';
import { rotate, rotateAt } from './operations/rotary.ts';

/** Tokens that continue sequences, those of a sequence side by side. */
export interface NewTokens {
  readonly batch: number;
  /** [batch * time] int32 */
  readonly tokens: tf.Tensor1D;
  /** [batch * time] int32: where each stands in its sequence */
  readonly positions: tf.Tensor1D;
}

/** Adds position embeddings [context, width] to the stream. */
type Place = (stream: tf.Tensor2D, table: tf.Tensor2D) => tf.Tensor2D;

/**
 * A decoder-only transformer: token embedding, pre-norm residual blocks of attention and feed-forward, final norm, output.
 * Sequences are int32 [batch, time] with time at most `config.context`; inside, rows of all sequences stand in one matrix.
 */
export class Gpt {
  readonly config: ResolvedModelConfig;
  readonly parameters: readonly Parameter[];
  readonly #parts: Architecture;
  readonly #tables: AttentionTables;

  /** @param initial a seed, or the values of each parameter */
  constructor(config: ResolvedModelConfig, initial: number | ((parameter: Parameter) => Float32Array)) {
    this.config = config;
    this.#parts = createArchitecture(config);
    this.#tables = new AttentionTables(config);
    this.parameters = this.#parts.parameters;
    for (const parameter of this.parameters) {
      parameter.create(typeof initial === 'number' ? initial : initial(parameter));
    }
  }

  /** How many places a mask of dropout is drawn for. */
  get dropoutSites(): number {
    return this.config.dropout === 0 ? 0 : 1 + 2 * this.config.layers;
  }

  /**
   * The final hidden states of whole sequences, normalized.
   * @param inputs [batch, time] int32
   * @returns [batch * time, width]
   */
  hiddenStates(inputs: tf.Tensor2D, { drop, watch }: Pick<ForwardPass, 'drop' | 'watch'> = {}): tf.Tensor2D {
    const [batch, time] = inputs.shape;
    const { width } = this.config;
    const place: Place = (stream, table) => {
      const placed = tf.add(tf.reshape(stream, [batch, time, width]), tf.slice(table, [0, 0], [time, width]));
      return tf.reshape(placed, [batch * time, width]);
    };
    const rotation = this.#tables.rotate(time, rotate);
    const attend = this.#tables.causal(time);
    return this.#trunk(flat(inputs), place, { batch, rotate: rotation, attend, drop, watch });
  }

  /**
   * The final hidden states of tokens that continue sequences. No gradient.
   * @param attend attention of one layer to the keys and values of the past and of the new tokens
   * @returns [batch * time, width]
   */
  continuedStates({ batch, tokens, positions }: NewTokens, attend: Attend): tf.Tensor2D {
    const place: Place = (stream, table) => tf.add(stream, tf.gather(table, positions));
    const rotation = this.#tables.rotate(this.config.context, (x, tables) => rotateAt(x, tables, positions));
    return this.#trunk(tokens, place, { batch, rotate: rotation, attend });
  }

  /** @returns [batch, time, vocabularySize] */
  logits(inputs: tf.Tensor2D): tf.Tensor3D {
    const [batch, time] = inputs.shape;
    const logits = this.outputLogits(this.hiddenStates(inputs));
    return tf.reshape(logits, [batch, time, this.config.vocabularySize]);
  }

  /**
   * The mean training loss in nats per token.
   * @param targets [batch, time] int32: the token after each input
   */
  loss(inputs: tf.Tensor2D, targets: tf.Tensor2D, drop?: Drop): tf.Scalar {
    const flatTargets = flat(targets);
    return linearCrossEntropy(this.hiddenStates(inputs, { drop }), this.#outputWeight, flatTargets);
  }

  /** The loss of each token in nats, without dropout. @returns [batch * time] */
  tokenLosses(inputs: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
    const flatTargets = flat(targets);
    return linearTokenLosses(this.hiddenStates(inputs), this.#outputWeight, flatTargets);
  }

  /** @param states [rows, width] @returns [rows, vocabularySize] */
  outputLogits(states: tf.Tensor2D): tf.Tensor2D {
    return tf.matMul(states, this.#outputWeight, false, true);
  }

  /** The readable values of a layer's activation parameters, after reparametrization; the caller disposes them. */
  activationValues(layer: number): Record<string, tf.Tensor> {
    return this.#parts.blocks[layer]!.feedForward.activationValues();
  }

  dispose(): void {
    for (const parameter of this.parameters) parameter.dispose();
    this.#tables.dispose();
  }

  #trunk(tokens: tf.Tensor1D, place: Place, pass: ForwardPass): tf.Tensor2D {
    const { tokenEmbedding, positionEmbedding, blocks, finalNorm } = this.#parts;
    const { drop = (x) => x, watch } = pass;
    let x = embed(tokenEmbedding.variable as tf.Tensor2D, tokens);
    watch?.('tokenEmbedding', x);
    if (positionEmbedding !== undefined) x = place(x, positionEmbedding.variable as tf.Tensor2D);
    x = drop(x, 0);
    watch?.('positionEmbedding', x);
    for (const block of blocks) x = block.apply(x, pass);
    x = finalNorm.apply(x);
    watch?.('finalNorm', x);
    return x;
  }

  get #outputWeight(): tf.Tensor2D {
    return this.#parts.output.variable as tf.Tensor2D;
  }
}

function flat(tokens: tf.Tensor2D): tf.Tensor1D {
  return tf.reshape(tokens, [tokens.size]);
}
