import type { Graph, GraphNode } from '../graph/graph.ts';
import type { ElementType } from '../graph/value.ts';
import { elementTypeCode } from '../onnx/encode.ts';
import type { SizeExpression } from './size-expression.ts';

/** Source of a named size: an axis of an input. */
export interface SizeSource {
  readonly input: string;
  readonly axis: number;
}

/** Appends the operators that compute sizes from the shapes of a graph's inputs. Equal expressions are computed once. */
export class SizeGraph {
  readonly nodes: GraphNode[] = [];
  readonly #graph: Graph;
  readonly #sources: ReadonlyMap<string, SizeSource>;
  readonly #known = new Map<string, string>();

  constructor(graph: Graph, sources: ReadonlyMap<string, SizeSource>) {
    this.#graph = graph;
    this.#sources = sources;
  }

  /** A tensor of integers, some of which depend on sizes. @returns its name */
  tensor(
    elements: readonly (number | SizeExpression)[],
    { type, shape }: { type: ElementType; shape: readonly number[] },
  ): string {
    const key = `${type}[${shape}] ${JSON.stringify(elements)}`;
    return this.#once(key, () => {
      const parts = elements.map((element) =>
        typeof element === 'number' ? this.#constant([element]) : this.#product(element),
      );
      const joined = parts.length === 1 ? parts[0]! : this.#operator('Concat', parts, parts.length, { axis: 0 });
      const shaped =
        shape.length === 1
          ? joined
          : this.#operator('Reshape', [joined, this.#constant(shape)], parts.length, {}, 'int64', shape);
      if (type === 'int64') return shaped;
      return this.#operator('Cast', [shaped], parts.length, { to: elementTypeCode(type) }, type, shape);
    });
  }

  #product({ factor, terms }: SizeExpression): string {
    const factors = terms.map((term) => {
      const sizes = term.map((name) => this.#size(name));
      return sizes.reduce((sum, size) => this.#operator('Add', [sum, size], 1));
    });
    if (factor !== 1 || factors.length === 0) factors.push(this.#constant([factor]));
    return factors.reduce((product, each) => this.#operator('Mul', [product, each], 1));
  }

  #size(name: string): string {
    const { input, axis } = this.#sources.get(name)!;
    const rank = this.#graph.tensors.get(input)!.shape.length;
    const shape = this.#operator('Shape', [input], rank);
    return this.#operator('Gather', [shape, this.#constant([axis])], 1, { axis: 0 });
  }

  #constant(values: readonly number[]): string {
    return this.#once(`constant ${values}`, () => {
      const name = this.#declare('int64', [values.length]);
      this.#graph.constants.set(name, BigInt64Array.from(values, BigInt));
      return name;
    });
  }

  #operator(
    op: string,
    inputs: string[],
    size: number,
    attributes: GraphNode['attributes'] = {},
    type: ElementType = 'int64',
    shape: readonly number[] = [size],
  ): string {
    return this.#once(`${op} ${inputs} ${JSON.stringify(attributes)}`, () => {
      const name = this.#declare(type, shape);
      this.nodes.push({ op, domain: '', attributes, inputs, outputs: [name], origin: undefined });
      return name;
    });
  }

  #declare(type: ElementType, shape: readonly number[]): string {
    const name = `size${this.#graph.tensors.size}`;
    this.#graph.tensors.set(name, { type, shape });
    return name;
  }

  #once(key: string, make: () => string): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}
