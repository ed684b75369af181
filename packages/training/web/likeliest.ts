/** A token that could come. */
export interface Likely {
  readonly token: number;
  readonly probability: number;
}

/** The tokens with the largest probabilities, softmax(logits), the largest first. @param logits [vocabularySize] */
export function likeliest(logits: Float32Array, count: number): Likely[] {
  const best = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - best), 0);
  return Array.from(logits, (logit, token) => ({ token, probability: Math.exp(logit - best) / total }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count);
}
