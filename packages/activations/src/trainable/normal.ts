/** A draw from N(0, 1) by Box and Muller, from draws that are uniform in [0, 1). */
export function normal(random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
