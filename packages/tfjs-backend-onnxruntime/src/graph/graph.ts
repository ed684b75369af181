import type { Plan } from './plan.ts';
import {
  type Attributes,
  type Description,
  elementsText,
  type Leaf,
  type NumericArray,
  type Origin,
  type Value,
} from './value.ts';

/** One operator of a graph that is being compiled; tensors are named. An omitted optional input is ''. */
export interface GraphNode {
  op: string;
  domain: string;
  attributes: Attributes;
  inputs: string[];
  outputs: string[];
  origin: Origin | undefined;
}

/** A graph on its way to ONNX, which the optimization passes rewrite. */
export interface Graph {
  /** In an order that computes inputs first. */
  nodes: GraphNode[];
  /** Names of the leaves, in the plan's order. */
  readonly inputs: string[];
  /** Names of the results, in the plan's order; one name may stand twice. */
  outputs: string[];
  readonly constants: Map<string, NumericArray>;
  /** Inputs whose elements are the same at every run: tensors that a compiled function captured. */
  readonly captured: Map<string, NumericArray>;
  readonly tensors: Map<string, Description>;
  /** Tensors whose shapes ONNX Runtime must not know. */
  readonly hidden: Set<string>;
}

/** Leaves whose elements are known while a graph is compiled. */
export interface KnownLeaves {
  /** They become constants. */
  readonly baked: ReadonlyMap<Leaf, NumericArray>;
  /** They stay inputs, but never change. */
  readonly captured: ReadonlyMap<Leaf, NumericArray>;
}

const nothingKnown: KnownLeaves = { baked: new Map(), captured: new Map() };

/** Names every tensor of a plan. */
export function graphOf(plan: Plan, known: KnownLeaves = nothingKnown): Graph {
  const captured = new Map<string, NumericArray>();
  const tensors = new Map<string, Description>();
  const constants = new Map<string, NumericArray>();
  const names = new Map<Value, string>();
  const constantNames = new Map<string, string>();

  const declare = (value: Value, prefix: string): string => {
    const name = `${prefix}${tensors.size}`;
    names.set(value, name);
    tensors.set(name, { type: value.type, shape: value.shape });
    return name;
  };
  const constant = (value: Value, elements: NumericArray): string => {
    const text = `${value.type}[${value.shape}]${elementsText(elements)}`;
    const existing = constantNames.get(text);
    if (existing !== undefined) {
      names.set(value, existing);
      return existing;
    }
    const name = declare(value, 'c');
    constantNames.set(text, name);
    constants.set(name, elements);
    return name;
  };
  const nameOf = (value: Value): string => {
    const name = names.get(value);
    if (name !== undefined) return name;
    if (value.kind === 'constant') return constant(value, value.elements);
    throw new Error('a tensor of the pending graph is not in its plan');
  };

  const inputs: string[] = [];
  for (const leaf of plan.leaves) {
    const elements = known.baked.get(leaf);
    if (elements) {
      constant(leaf, elements);
      continue;
    }
    const name = declare(leaf, 'i');
    inputs.push(name);
    const unchanging = known.captured.get(leaf);
    if (unchanging) captured.set(name, unchanging);
  }
  const nodes: GraphNode[] = plan.nodes.map((node) => ({
    op: node.op,
    domain: node.domain,
    attributes: node.attributes,
    inputs: node.inputs.map((input) => (input ? nameOf(input) : '')),
    outputs: node.outputs.map((output) => declare(output, 't')),
    origin: node.origin,
  }));
  return { nodes, inputs, outputs: plan.outputs.map(nameOf), constants, captured, tensors, hidden: new Set() };
}

/** A graph of the same nodes, which can be rewritten on its own. */
export function copyOf(graph: Graph): Graph {
  const { nodes, outputs, constants, tensors } = graph;
  return {
    ...graph,
    nodes: nodes.map((node) => ({ ...node, inputs: [...node.inputs], outputs: [...node.outputs] })),
    outputs: [...outputs],
    constants: new Map(constants),
    tensors: new Map(tensors),
  };
}
