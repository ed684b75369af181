/** Sums over the predicted tokens of a text. */
interface EvaluationSums {
  /** Cross-entropy in nats. */
  readonly nats: number;
  readonly tokens: number;
  /** UTF-8 bytes of the tokens. */
  readonly bytes: number;
}

/** Figures of an evaluation beside its loss; records, tables, charts and TensorBoard show each of them. */
export function evaluationMetrics({ nats, tokens, bytes }: EvaluationSums) {
  return {
    /** exp(loss). */
    perplexity: Math.exp(nats / tokens),
    /** Comparable across vocabularies. */
    bitsPerByte: nats / (Math.LN2 * bytes),
  };
}
