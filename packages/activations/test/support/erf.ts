/** erf in float64: the series of erf near 0, the continued fraction of erfc (Lentz) away from it. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum) && n < 200; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (size + fraction);
  const complement = Math.exp(-x * x) / (Math.sqrt(Math.PI) * (size + fraction));
  return Math.sign(x) * (1 - complement);
}
