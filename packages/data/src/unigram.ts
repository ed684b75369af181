/**
 * The perplexity of counted tokens under the frequencies of other counted tokens with add-one (Laplace) smoothing:
 * p(id) = (train count + 1) / (train total + V). In nats, exp(-mean log p); an id count of zero costs nothing.
 * @param train how often each of the V ids occurs in the train split
 * @param counts the same for the split that is predicted
 */
export function unigramPerplexity(train: readonly number[], counts: readonly number[]): number {
  const trainTotal = train.reduce((sum, times) => sum + times, 0);
  const logDenominator = Math.log(trainTotal + train.length);
  let nats = 0;
  let total = 0;
  for (const [id, times] of counts.entries()) {
    if (times === 0) continue;
    nats += times * (logDenominator - Math.log((train[id] ?? 0) + 1));
    total += times;
  }
  return Math.exp(nats / total);
}

/** How often each of the V ids occurs. */
export function tokenCounts(ids: ArrayLike<number>, vocabularySize: number): number[] {
  const counts = new Array<number>(vocabularySize).fill(0);
  for (let at = 0; at < ids.length; at++) counts[ids[at]!]!++;
  return counts;
}
