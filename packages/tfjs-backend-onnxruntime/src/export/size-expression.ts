/** Sizes by name at one recording. */
export type Sizes = Readonly<Record<string, number>>;

/** factor times a product of sizes and of sums of two sizes, such as 4 x batch x (past + sequence). */
export interface SizeExpression {
  readonly factor: number;
  readonly terms: readonly (readonly string[])[];
}

/**
 * The simplest expression that gives `values[i]` at `sizes[i]`, or undefined. Recordings at two sizes of each name, and
 * numbers that are no accident (sizes without common factors), leave one.
 */
export function fitSizes(values: readonly number[], sizes: readonly Sizes[]): SizeExpression | undefined {
  const names = Object.keys(sizes[0]!);
  const sums = names.flatMap((name, index) => names.slice(index + 1).map((other) => [name, other]));
  const atoms = [...names.map((name) => [name]), ...sums];
  for (const terms of subsets(atoms)) {
    const factor = values[0]! / evaluate({ factor: 1, terms }, sizes[0]!);
    if (!Number.isInteger(factor)) continue;
    const expression = { factor, terms };
    if (values.every((value, index) => value === evaluate(expression, sizes[index]!))) return expression;
  }
  return undefined;
}

function evaluate({ factor, terms }: SizeExpression, sizes: Sizes): number {
  return terms.reduce((product, term) => product * term.reduce((sum, name) => sum + sizes[name]!, 0), factor);
}

/** `batch`, `past + sequence`, `4 * batch * sequence` */
export function sizeText({ factor, terms }: SizeExpression): string {
  const parts = terms.map((term) => (term.length > 1 && terms.length > 1 ? `(${term.join(' + ')})` : term.join(' + ')));
  return [...(factor === 1 && parts.length > 0 ? [] : [String(factor)]), ...parts].join(' * ');
}

/** Subsets of up to three, the smaller ones first. */
function* subsets<T>(items: readonly T[]): Generator<T[]> {
  yield [];
  for (const item of items) yield [item];
  for (const [index, first] of items.entries()) {
    for (const second of items.slice(index + 1)) yield [first, second];
  }
  for (const [index, first] of items.entries()) {
    for (const [offset, second] of items.slice(index + 1).entries()) {
      for (const third of items.slice(index + offset + 2)) yield [first, second, third];
    }
  }
}
