import { InputError } from '../input-error.ts';
import type { UniformStream } from '../random.ts';

/** How the next token is drawn from the logits. */
export interface SamplingOptions {
  /** Divides the logits; 0 takes the most likely token. */
  readonly temperature: number;
  /** Keep only the k most likely tokens. */
  readonly topK?: number;
  /** Keep the fewest tokens whose probabilities sum to at least this (nucleus sampling, arXiv 1904.09751). */
  readonly topP?: number;
  /** Divides positive and multiplies negative logits of tokens that occurred before (CTRL, arXiv 1909.05858). */
  readonly repetitionPenalty?: number;
}

/** @throws InputError naming the option that is out of range. */
export function checkSamplingOptions({ temperature, topK, topP, repetitionPenalty }: SamplingOptions): void {
  if (!(temperature >= 0 && Number.isFinite(temperature))) {
    throw new InputError(`temperature: ${temperature} is not a number of 0 or more`);
  }
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) {
    throw new InputError(`top-k: ${topK} is not a whole number of 1 or more`);
  }
  if (topP !== undefined && !(topP > 0 && topP <= 1)) throw new InputError(`top-p: ${topP} is not in (0, 1]`);
  if (repetitionPenalty !== undefined && !(repetitionPenalty > 0 && Number.isFinite(repetitionPenalty))) {
    throw new InputError(`repetition-penalty: ${repetitionPenalty} is not a number above 0`);
  }
}

/**
 * Draws one token. The draw depends on nothing but its inputs: equal logits stand in order of their ids.
 * @param logits [vocabularySize]
 * @param seen the tokens before, which the repetition penalty is about
 */
export function sampleToken(
  logits: Float32Array,
  options: SamplingOptions,
  uniform: UniformStream,
  seen: Iterable<number> = [],
): number {
  const { temperature, topK = logits.length, topP = 1, repetitionPenalty = 1 } = options;
  const scores = repetitionPenalty === 1 ? logits : penalized(logits, seen, repetitionPenalty);
  const best = mostLikely(scores);
  if (temperature === 0) return best;
  const candidates = topK < scores.length || topP < 1 ? largest(scores, topK) : Array.from(scores.keys());
  const weights = candidates.map((token) => Math.exp((scores[token]! - scores[best]!) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let kept = 0;
  let keptWeight = 0;
  while (kept < weights.length && (kept === 0 || topP === 1 || keptWeight < topP * total))
    keptWeight += weights[kept++]!;
  let remaining = uniform() * keptWeight;
  for (let index = 0; index < kept; index++) {
    remaining -= weights[index]!;
    if (remaining < 0) return candidates[index]!;
  }
  return candidates[kept - 1]!;
}

function penalized(logits: Float32Array, seen: Iterable<number>, penalty: number): Float32Array {
  const scores = logits.slice();
  for (const token of new Set(seen)) {
    const score = scores[token]!;
    scores[token] = score > 0 ? score / penalty : score * penalty;
  }
  return scores;
}

function mostLikely(scores: Float32Array): number {
  let best = 0;
  for (let token = 1; token < scores.length; token++) if (scores[token]! > scores[best]!) best = token;
  return best;
}

/** The `count` tokens with the largest scores, the largest first. */
function largest(scores: Float32Array, count: number): number[] {
  const byScore = (a: number, b: number) => scores[b]! - scores[a]! || a - b;
  const tokens = Array.from(scores.keys());
  if (count >= scores.length) return tokens.sort(byScore);
  // Sorting numbers without a comparator is an order of magnitude quicker: it finds the smallest score that may stay.
  const threshold = Float32Array.from(scores).sort()[scores.length - count]!;
  return tokens
    .filter((token) => scores[token]! >= threshold)
    .sort(byScore)
    .slice(0, count);
}
