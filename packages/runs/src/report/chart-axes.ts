/** Width of a digit of an axis label, in pixels (12 px type). */
const digitWidth = 7;
const gap = 12;

const mostTicks = 9;

/** The ends of a logarithmic axis for positive values, with a margin on both sides. */
export function logarithmicDomain(values: readonly number[]): [number, number] {
  const [low, high] = values.length === 0 ? [1, 10] : [Math.min(...values), Math.max(...values)];
  const margin = Math.max(1.01, (high / low) ** 0.04);
  return [low / margin, high * margin];
}

/**
 * Where a logarithmic axis from `low` to `high` gets labels: powers of ten, with as many of their multiples as leave five
 * to nine labels; evenly spaced numbers where the range is too short for that.
 */
export function logarithmicTicks(low: number, high: number): number[] {
  for (const multiples of [[1], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]) {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1) {
      for (const multiple of multiples) {
        const tick = Number(`${multiple}e${power}`);
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    }
    if (ticks.length >= 5 && ticks.length <= mostTicks) return ticks;
    // Powers of ten alone can be too many, where a value lies far off.
    if (ticks.length > mostTicks && multiples.length === 1) {
      const every = Math.ceil(ticks.length / mostTicks);
      return ticks.filter((_, index) => index % every === 0);
    }
  }
  const rough = (high - low) / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((multiple) => multiple * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step) - first + 1);
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Those of the steps that get a label on an axis of `width` pixels: the last, the first, then from the right what fits. */
export function labelledSteps(steps: readonly number[], width: number): number[] {
  const ascending = [...new Set(steps)].sort((a, b) => a - b);
  const [first, last] = [ascending[0], ascending.at(-1)];
  if (first === undefined || last === undefined || first === last) return ascending;
  const position = (step: number) => (width * (step - first)) / (last - first);
  const half = (step: number) => (digitWidth * step.toLocaleString('en').length) / 2;
  const kept = [last, first];
  for (const step of ascending.slice(1, -1).reverse()) {
    const fits = kept.every((other) => Math.abs(position(step) - position(other)) >= half(step) + half(other) + gap);
    if (fits) kept.push(step);
  }
  return kept.sort((a, b) => a - b);
}
