import type { EvaluationWindows, Tokenizer } from '@dynact/data';
import { type Compile, runAsIs } from '@dynact/nn';
import type { Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { evaluationMetrics } from './metrics.ts';

/** The loss of a model on a text. */
export interface Evaluation {
  /** Mean cross-entropy in nats per predicted token. */
  readonly loss: number;
  readonly metrics: Readonly<ReturnType<typeof evaluationMetrics>>;
  /** Predicted tokens. */
  readonly tokens: number;
}

/**
 * Evaluates a model on fixed windows. Sums run in float64 and in the order of the windows, so that equal weights give
 * equal numbers.
 */
export class Evaluator {
  readonly #windows: EvaluationWindows;
  readonly #tokenBytes: Uint32Array;
  readonly #batchSize: number;
  readonly #context: number;
  readonly #tokenLosses: (batch: { inputs: tf.Tensor2D; targets: tf.Tensor2D }) => tf.Tensor1D;

  constructor(options: {
    model: Gpt;
    windows: EvaluationWindows;
    tokenizer: Tokenizer;
    batchSize: number;
    compile?: Compile;
  }) {
    const { model, windows, tokenizer, batchSize, compile = runAsIs } = options;
    this.#windows = windows;
    this.#batchSize = batchSize;
    this.#context = model.config.context;
    this.#tokenBytes = Uint32Array.from({ length: tokenizer.vocabularySize }, (_, token) =>
      tokenizer.byteLength(token),
    );
    this.#tokenLosses = compile(({ inputs, targets }: { inputs: tf.Tensor2D; targets: tf.Tensor2D }) =>
      tf.tidy(() => model.tokenLosses(inputs, targets)),
    );
  }

  /** How many batches the whole split has. */
  get batches(): number {
    return Math.ceil(this.#windows.count / this.#batchSize);
  }

  /**
   * @param limit evaluate only the first so many batches; the whole split by default
   * @param onBatch is told how far it is, and what came out so far
   */
  async evaluate(
    limit = Number.POSITIVE_INFINITY,
    onBatch?: (done: number, total: number, soFar: Evaluation) => void,
  ): Promise<Evaluation> {
    const total = Math.min(limit, this.batches);
    let nats = 0;
    let tokens = 0;
    let bytes = 0;
    const soFar = (): Evaluation => ({
      loss: nats / tokens,
      metrics: evaluationMetrics({ nats, tokens, bytes }),
      tokens,
    });
    for (let batch = 0; batch < total; batch++) {
      const { inputs, targets, counts } = this.#read(batch);
      const losses = await this.#lossesOf(inputs, targets);
      for (const [row, count] of counts.entries()) {
        for (let column = 0; column < count; column++) {
          const index = row * this.#context + column;
          nats += losses[index]!;
          bytes += this.#tokenBytes[targets[index]!]!;
        }
        tokens += count;
      }
      onBatch?.(batch + 1, total, soFar());
    }
    return soFar();
  }

  /** One batch of windows; what is missing in the last one is padding whose losses are not counted. */
  #read(batch: number): { inputs: Int32Array; targets: Int32Array; counts: number[] } {
    const size = this.#batchSize * this.#context;
    const inputs = new Int32Array(size);
    const targets = new Int32Array(size);
    const counts: number[] = [];
    const first = batch * this.#batchSize;
    const last = Math.min(first + this.#batchSize, this.#windows.count);
    for (let index = first; index < last; index++) {
      const window = this.#windows.window(index);
      const offset = (index - first) * this.#context;
      inputs.set(window.inputs, offset);
      targets.set(window.targets, offset);
      counts.push(window.targetCount);
    }
    return { inputs, targets, counts };
  }

  async #lossesOf(inputs: Int32Array, targets: Int32Array): Promise<Float32Array> {
    const shape: [number, number] = [this.#batchSize, this.#context];
    const batch = { inputs: tf.tensor2d(inputs, shape, 'int32'), targets: tf.tensor2d(targets, shape, 'int32') };
    const losses = this.#tokenLosses(batch);
    const values = (await losses.data()) as Float32Array;
    tf.dispose([losses, batch]);
    return values;
  }
}
