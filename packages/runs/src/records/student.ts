/**
 * The quantile of Student's t distribution for a whole number of degrees of freedom, from the finite series of its
 * distribution function in the angle atan(t / sqrt(degreesOfFreedom)) (Abramowitz and Stegun 26.7.3, 26.7.4).
 * @param probability between 0 and 1, both left out
 */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  if (probability < 0.5) return -studentQuantile(1 - probability, degreesOfFreedom);
  let [low, high] = [0, Math.PI / 2];
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (centralProbability(middle, degreesOfFreedom) < 2 * probability - 1) low = middle;
    else high = middle;
  }
  return Math.sqrt(degreesOfFreedom) * Math.tan((low + high) / 2);
}

/** The probability that |t| <= sqrt(degreesOfFreedom) tan(angle). */
function centralProbability(angle: number, degreesOfFreedom: number): number {
  const odd = degreesOfFreedom % 2;
  let term = odd === 1 ? Math.cos(angle) : 1;
  let sum = degreesOfFreedom === 1 ? 0 : term;
  for (let index = 2 + odd; index < degreesOfFreedom; index += 2) {
    term *= ((index - 1) / index) * Math.cos(angle) ** 2;
    sum += term;
  }
  return odd === 1 ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
