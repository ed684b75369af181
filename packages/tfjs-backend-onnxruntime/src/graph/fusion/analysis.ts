import type { Graph, GraphNode } from '../graph.ts';
import { sizeOf } from '../value.ts';
import { formulas } from './formulas.ts';
import { isPointwise } from './pointwise.ts';
import { type RowOperation, rowOperationOf } from './reductions.ts';

/** Tensors that an expression reads at most, and operators that it has, before a value on the way is written. */
const [mostLeaves, mostOperators] = [16, 120];
/** Tensors of a kernel: every GPU takes 4 KiB of arguments. */
const mostTensors = 256;

/** Tells which tensors the elementwise operators of a graph read, and which of their results must be written. */
export class Analysis {
  readonly #graph: Graph;
  readonly #producers = new Map<string, GraphNode>();
  readonly #readers = new Map<string, GraphNode[]>();
  /** Elementwise results that are written. */
  readonly #written = new Set<string>();
  /** Large tensors that an elementwise result is computed of, where it is computed again; and operators for that. */
  readonly #costs = new Map<string, { leaves: ReadonlySet<string>; operators: number }>();
  readonly #levels = new Map<string, number>();
  readonly #pointwise = new Map<GraphNode, boolean>();

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.#producers.set(name, node);
      for (const name of new Set(node.inputs)) this.#readers.set(name, [...(this.#readers.get(name) ?? []), node]);
    }
    const outputs = new Set(graph.outputs);
    for (const node of graph.nodes) {
      const isOwn = this.isPointwise(node);
      const before = Math.max(0, ...node.inputs.map((name) => this.#levels.get(name) ?? 0));
      // A kernel reads only what another one has written, where it reads at another place than it writes.
      const isHere = (isOwn && node.op in formulas) || node.op === 'Reshape';
      const level = isHere ? before : before + 1;
      for (const name of node.outputs) this.#levels.set(name, level);
      if (isOwn) this.#decide(node, outputs);
    }
  }

  producer(name: string): GraphNode | undefined {
    return this.#producers.get(name);
  }

  /** The tensor with these elements that was computed first: reshapes do not change them. */
  base(name: string): string {
    const node = this.#producers.get(name);
    return node?.op === 'Reshape' ? this.base(node.inputs[0]!) : name;
  }

  isPointwise(node: GraphNode): boolean {
    const known = this.#pointwise.get(node);
    if (known !== undefined) return known;
    const is = isPointwise(this.#graph, node);
    this.#pointwise.set(node, is);
    return is;
  }

  /** The operation on rows that a node is: a kernel of ours computes it, and its terms on the way. */
  rowOperation(node: GraphNode): RowOperation | undefined {
    return rowOperationOf(this.#graph, node, (name) => this.producer(name));
  }

  /** Whether nobody needs the result of a node as a tensor. */
  isInlined(node: GraphNode): boolean {
    return this.isPointwise(node) && !this.#written.has(node.outputs[0]!);
  }

  /**
   * Elementwise results that are written, in groups that one kernel computes: of one size, reading the same or one another,
   * and with nothing but elementwise operators between them. Each in an order that computes operands first.
   */
  groups(): string[][] {
    const groups = new Map<string, string[]>();
    const joined = new Map<string, string>();
    const rootOf = (key: string): string => {
      let root = key;
      for (let next = joined.get(root); next !== undefined && next !== root; next = joined.get(root)) root = next;
      joined.set(key, root);
      return root;
    };
    const names = this.#graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => this.#written.has(name)));
    for (const name of names) {
      const size = sizeOf(this.#shape(name));
      const place = `${this.#levels.get(name)} ${size} `;
      const keys = [name, ...this.leavesOf(name)]
        .filter((leaf) => sizeOf(this.#shape(leaf)) === size)
        .map((leaf) => rootOf(place + leaf));
      for (const key of keys) joined.set(key, keys[0]!);
    }
    for (const name of names) {
      const key = rootOf(`${this.#levels.get(name)} ${sizeOf(this.#shape(name))} ${name}`);
      groups.set(key, [...(groups.get(key) ?? []), name]);
    }
    return [...groups.values()].flatMap((group) => this.#cut(group));
  }

  /** Tensors that are read for a result that is written. */
  leavesOf(name: string): ReadonlySet<string> {
    const leaves = new Set<string>();
    for (const operand of this.#producers.get(name)!.inputs) {
      for (const leaf of this.#leavesUnder(operand)) leaves.add(leaf);
    }
    return leaves;
  }

  /** Whether a value is computed again wherever it is read. */
  inlines(base: string): boolean {
    const node = this.#producers.get(base);
    return node !== undefined && this.isInlined(node);
  }

  /** Whether anybody reads a result but the kernel of `group`, where it is computed. */
  isReadBeside(name: string, group: readonly string[]): boolean {
    const own = new Set(group);
    const isElsewhere = (value: string): boolean =>
      this.#graph.outputs.includes(value) ||
      (this.#readers.get(value) ?? []).some((reader) => {
        const [output = ''] = reader.outputs;
        if (reader.op === 'Reshape' && reader.inputs[0] === value) return isElsewhere(output);
        if (!this.isPointwise(reader)) return true;
        // A value that is computed again reads this one wherever it is read itself.
        return this.#written.has(output) ? !own.has(output) : isElsewhere(output);
      });
    return isElsewhere(name);
  }

  #leavesUnder(name: string): ReadonlySet<string> {
    const base = this.base(name);
    return this.inlines(base) ? this.#costs.get(base)!.leaves : new Set([base]);
  }

  #decide(node: GraphNode, outputs: ReadonlySet<string>): void {
    const [name = ''] = node.outputs;
    const leaves = new Set(node.inputs.flatMap((operand) => [...this.#leavesUnder(operand)]));
    const inlined = node.inputs.map((operand) => this.base(operand)).filter((base) => this.inlines(base));
    const operators = inlined.reduce((sum, base) => sum + this.#costs.get(base)!.operators, 1);
    const size = sizeOf(this.#shape(name));
    const large = [...leaves].filter((leaf) => 8 * sizeOf(this.#shape(leaf)) >= size).length;
    const { elementwise, others } = this.#uses(name, outputs);
    const isDear = elementwise > 1 && large > 1 && size > 1;
    if (others || isDear || leaves.size > mostLeaves || operators > mostOperators) this.#written.add(name);
    else this.#costs.set(name, { leaves, operators });
  }

  /** Elementwise operators and sums that read a value, under whatever shape, and whether anything else does. */
  #uses(name: string, outputs: ReadonlySet<string>): { elementwise: number; others: boolean } {
    let [elementwise, others] = [0, outputs.has(name)];
    for (const reader of this.#readers.get(name) ?? []) {
      if (this.isPointwise(reader) || this.rowOperation(reader)?.operand === name) elementwise++;
      else if (reader.op === 'Reshape' && reader.inputs[0] === name) {
        const uses = this.#uses(reader.outputs[0]!, outputs);
        elementwise += uses.elementwise;
        others ||= uses.others;
      } else others = true;
    }
    return { elementwise, others };
  }

  #cut(group: readonly string[]): string[][] {
    const parts: string[][] = [[]];
    let tensors = new Set<string>();
    for (const name of group) {
      const own = [name, ...this.leavesOf(name)];
      if (parts.at(-1)!.length > 0 && new Set([...tensors, ...own]).size > mostTensors) {
        parts.push([]);
        tensors = new Set();
      }
      for (const each of own) tensors.add(each);
      parts.at(-1)!.push(name);
    }
    return parts;
  }

  #shape(name: string): readonly number[] {
    return this.#graph.tensors.get(name)!.shape;
  }
}
