import { InputError } from '@dynact/files/input-error';
import type { UniformStream } from '@dynact/nn';

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
    throw new InputError('configuration', `temperature: ${temperature} is not a number of 0 or more`);
  }
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) {
    throw new InputError('configuration', `top-k: ${topK} is not a whole number of 1 or more`);
  }
  if (topP !== undefined && !(topP > 0 && topP <= 1))
    throw new InputError('configuration', `top-p: ${topP} is not in (0, 1]`);
  if (repetitionPenalty !== undefined && !(repetitionPenalty > 0 && Number.isFinite(repetitionPenalty))) {
    throw new InputError('configuration', `repetition-penalty: ${repetitionPenalty} is not a number above 0`);
  }
}

/**
 * Draws one token. The draw depends on nothing but its inputs: equal logits stand in order of their ids.
 * @throws InputError where logits are NaN or infinite
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
  const largest = scores[best]!;
  const weightOf = (token: number) => Math.exp((scores[token]! - largest) / temperature);
  const candidates = topK < scores.length || topP < 1 ? likeliest(scores, { topK, topP, best, weightOf }) : undefined;
  const count = candidates?.length ?? scores.length;
  const cumulative = new Float64Array(count);
  let total = 0;
  for (let index = 0; index < count; index++) {
    total += weightOf(candidates === undefined ? index : candidates[index]!);
    cumulative[index] = total;
  }
  const drawn = uniform() * total;
  // The product may round up to the total, which the last possible token reaches.
  let index = 0;
  while (!(drawn < cumulative[index]! || cumulative[index] === total)) index++;
  return candidates === undefined ? index : candidates[index]!;
}

/** The error where logits are not finite. */
export function spoiledLogits(): InputError {
  const advice = 'its weights are spoiled or too large; use an earlier checkpoint';
  return new InputError('run-folder', `the model's logits are not finite: ${advice}`);
}

function penalized(logits: Float32Array, seen: Iterable<number>, penalty: number): Float32Array {
  const scores = logits.slice();
  for (const token of new Set(seen)) {
    const score = scores[token]!;
    scores[token] = score > 0 ? score / penalty : score * penalty;
  }
  return scores;
}

/** The token with the largest score. Throws where that is infinite, or a score is NaN; those that must not come have minus infinity. */
function mostLikely(scores: Float32Array): number {
  let [best, largest, isSpoiled] = [0, Number.NEGATIVE_INFINITY, false];
  for (let token = 0; token < scores.length; token++) {
    const score = scores[token]!;
    if (score > largest) {
      best = token;
      largest = score;
    } else isSpoiled ||= Number.isNaN(score);
  }
  if (isSpoiled || !Number.isFinite(largest)) throw spoiledLogits();
  return best;
}

/**
 * The `topK` tokens with the largest scores, the largest first, and of those the fewest that hold the share `topP` of
 * their weight. To sort a large vocabulary takes longer than a small model takes for a token, so only the tokens that
 * score close to the best one are sorted: ever more of them, until they are enough.
 */
function likeliest(
  scores: Float32Array,
  options: { topK: number; topP: number; best: number; weightOf: (token: number) => number },
): number[] {
  const { topK, topP, best, weightOf } = options;
  const weightOfAll = (tokens: ArrayLike<number>) => {
    let sum = 0;
    for (let index = 0; index < tokens.length; index++) sum += weightOf(tokens[index]!);
    return sum;
  };
  const isOfAll = topK >= scores.length;
  let total = 0;
  for (let token = 0; isOfAll && token < scores.length; token++) total += weightOf(token);
  const wanted = topP * total;
  let close: number[] = [];
  for (let range = 1 / 16; close.length < scores.length; range *= 2) {
    const threshold = range < 1e4 ? scores[best]! - range : Number.NEGATIVE_INFINITY;
    close = [];
    for (let token = 0; token < scores.length; token++) if (!(scores[token]! < threshold)) close.push(token);
    if (isOfAll ? weightOfAll(close) >= wanted : close.length >= topK) break;
  }
  const sorted = close.sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, topK);
  if (topP === 1) return sorted;
  const needed = isOfAll ? wanted : topP * weightOfAll(sorted);
  let count = 0;
  for (let sum = 0; count < sorted.length && sum < needed; count++) sum += weightOf(sorted[count]!);
  return sorted.slice(0, Math.max(1, count));
}
