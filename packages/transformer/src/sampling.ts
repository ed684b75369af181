import { InputError } from './input-error.ts';
import type { UniformStream } from './random.ts';

/** How the next token is drawn from the logits. */
export interface SamplingOptions {
  /** Divides the logits; 0 takes the most likely token. */
  readonly temperature: number;
  /** Keep only the k most likely tokens. */
  readonly topK?: number;
  /** Keep the fewest tokens whose probabilities sum to at least this (nucleus sampling, arXiv 1904.09751). */
  readonly topP?: number;
}

/** @throws InputError naming the option that is out of range. */
export function checkSamplingOptions({ temperature, topK, topP }: SamplingOptions): void {
  if (!(temperature >= 0 && Number.isFinite(temperature))) {
    throw new InputError(`temperature: ${temperature} is not a number of 0 or more`);
  }
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) {
    throw new InputError(`top-k: ${topK} is not a whole number of 1 or more`);
  }
  if (topP !== undefined && !(topP > 0 && topP <= 1)) throw new InputError(`top-p: ${topP} is not in (0, 1]`);
}

/** Draws one token. @param logits [vocabularySize] */
export function sampleToken(logits: Float32Array, options: SamplingOptions, uniform: UniformStream): number {
  const { temperature, topK = logits.length, topP = 1 } = options;
  // Equal logits stand in order of their ids, so that the draw depends on nothing but its inputs.
  const ranked = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const best = ranked[0]!;
  if (temperature === 0) return best;
  const candidates = ranked.slice(0, topK);
  const weights = candidates.map((token) => Math.exp((logits[token]! - logits[best]!) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let kept = 0;
  let keptWeight = 0;
  while (kept < weights.length && (kept === 0 || keptWeight < topP * total)) keptWeight += weights[kept++]!;
  let remaining = uniform() * keptWeight;
  for (let index = 0; index < kept; index++) {
    remaining -= weights[index]!;
    if (remaining < 0) return candidates[index]!;
  }
  return candidates[kept - 1]!;
}
