import type { GraphNode } from '../graph.ts';
import { sameShape } from '../value.ts';
import type { Rewriter } from './pass.ts';

/**
 * Tensors that are joined at most. Up to as many equal ones CUDA's Concat and Split get their addresses as an argument; for
 * more they copy a list from main memory, which a captured graph would read again when it is long gone.
 */
export const mostJoined = 32;

/** Elements of one tensor up to which copying it beside others costs less than starting a kernel for every operator. */
export const largestJoined = 1 << 19;

/** As equal parts as there can be of at most that many. */
export function partsOf<T>(items: readonly T[]): T[][] {
  const length = Math.ceil(items.length / Math.ceil(items.length / mostJoined));
  return Array.from({ length: Math.ceil(items.length / length) }, (_, i) => items.slice(i * length, (i + 1) * length));
}

/** Tensors of one shape under each other in one, and what is computed of them. */
export class Joined {
  readonly #rewriter: Rewriter;
  /** Name of the tensor that has those, by their names. */
  readonly #known = new Map<string, string>();

  constructor(rewriter: Rewriter) {
    this.#rewriter = rewriter;
  }

  /**
   * Nodes that do at once what elementwise `nodes` do one by one: join their operands, compute, and split the results. Where
   * nobody reads a part, the split is dead.
   */
  compute(nodes: readonly GraphNode[]): GraphNode[] {
    const [first] = nodes as [GraphNode];
    const made: GraphNode[] = [];
    const inputs = first.inputs.map((name, place) => {
      const names = nodes.map(({ inputs }) => inputs[place]!);
      // A scalar for all of them.
      if (names.every((each) => each === name)) return name;
      return this.join(names, first, made);
    });
    const outputs = nodes.map(({ outputs }) => outputs[0]!);
    const shape = this.#shapeOf(outputs);
    const result = this.#rewriter.tensor({ type: 'float32', shape });
    this.#known.set(outputs.join(), result);
    made.push({ ...first, inputs, outputs: [result] }, ...this.#split(result, outputs, first));
    return made;
  }

  /** Name of the tensor that has all of these. @param made gets what joins them, where nothing has yet */
  join(names: readonly string[], { origin }: GraphNode, made: GraphNode[]): string {
    const key = names.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const [first] = names as [string];
    const result = this.#rewriter.tensor({ type: 'float32', shape: this.#shapeOf(names) });
    const isScalar = this.#rewriter.shape(first).length === 0;
    const parts = isScalar ? names.map((name) => this.#reshaped(name, [1], origin, made)) : [...names];
    made.push({ op: 'Concat', domain: '', attributes: { axis: 0 }, inputs: parts, outputs: [result], origin });
    this.#known.set(key, result);
    return result;
  }

  #split(joined: string, names: readonly string[], { origin }: GraphNode): GraphNode[] {
    const isScalar = this.#rewriter.shape(names[0]!).length === 0;
    const outputs = isScalar ? names.map(() => this.#rewriter.tensor({ type: 'float32', shape: [1] })) : [...names];
    const count = { axis: 0, num_outputs: names.length };
    const split = { op: 'Split', domain: '', attributes: count, inputs: [joined], outputs, origin };
    const toScalar = (name: string, index: number): GraphNode => ({
      ...split,
      op: 'Reshape',
      attributes: {},
      inputs: [outputs[index]!, this.#rewriter.integers([])],
      outputs: [name],
    });
    return isScalar ? [split, ...names.map(toScalar)] : [split];
  }

  #reshaped(name: string, shape: readonly number[], origin: GraphNode['origin'], made: GraphNode[]): string {
    const result = this.#rewriter.tensor({ type: 'float32', shape });
    const inputs = [name, this.#rewriter.integers(shape)];
    made.push({ op: 'Reshape', domain: '', attributes: {}, inputs, outputs: [result], origin });
    return result;
  }

  #shapeOf(names: readonly string[]): readonly number[] {
    const shape = this.#rewriter.shape(names[0]!);
    if (!names.every((name) => sameShape(this.#rewriter.shape(name), shape)))
      throw new Error('tensors of several shapes');
    return [names.length * (shape[0] ?? 1), ...shape.slice(1)];
  }
}
