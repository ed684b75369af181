import type { Graph, GraphNode } from '../graph.ts';
import type { Attributes, Description, NumericArray } from '../value.ts';

/** Rewrites a graph into one that computes the same faster. */
export type Pass = (rewriter: Rewriter) => void;

/** A graph with what a pass asks about it. */
export class Rewriter {
  readonly graph: Graph;
  readonly #producers = new Map<string, GraphNode>();
  #created = 0;

  constructor(graph: Graph) {
    this.graph = graph;
    for (const node of graph.nodes) for (const output of node.outputs) this.#producers.set(output, node);
  }

  /** The node that computes a tensor, if it is this operator. */
  producer(name: string, ...operators: string[]): GraphNode | undefined {
    const node = this.#producers.get(name);
    return node && operators.includes(node.op) ? node : undefined;
  }

  /** Looks through reshapes: the tensor with these elements that was computed first. */
  withoutReshape(name: string): string {
    const node = this.producer(name, 'Reshape');
    return node ? this.withoutReshape(node.inputs[0]!) : name;
  }

  shape(name: string): readonly number[] {
    return this.graph.tensors.get(name)!.shape;
  }

  /** The elements of a tensor that is the same at every run: a constant, or an input that was captured. */
  elements(name: string): NumericArray | undefined {
    return this.graph.constants.get(name) ?? this.graph.captured.get(name);
  }

  constant(elements: NumericArray, description: Description): string {
    const name = this.#name(description);
    this.graph.constants.set(name, elements);
    return name;
  }

  /** A constant list of whole numbers. */
  integers(numbers: readonly number[]): string {
    return this.constant(BigInt64Array.from(numbers, BigInt), { type: 'int64', shape: [numbers.length] });
  }

  /** A tensor that no node has made yet. */
  tensor(description: Description): string {
    return this.#name(description);
  }

  /** A new node in front of the node that it will feed. */
  insert(
    before: GraphNode,
    op: string,
    inputs: string[],
    description: Description,
    attributes: Attributes = {},
    domain = '',
  ): string {
    const name = this.#name(description);
    const node: GraphNode = { op, domain, attributes, inputs, outputs: [name], origin: before.origin };
    this.graph.nodes.splice(this.graph.nodes.indexOf(before), 0, node);
    this.#producers.set(name, node);
    return name;
  }

  #name(description: Description): string {
    const name = `p${this.graph.tensors.size}_${this.#created++}`;
    this.graph.tensors.set(name, description);
    return name;
  }
}
