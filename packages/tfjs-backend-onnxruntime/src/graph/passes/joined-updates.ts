import { sizeOf } from '../../runtime/tensor.ts';
import type { GraphNode } from '../graph.ts';
import { Joined, largestJoined, partsOf } from './joined.ts';
import { joinSquares } from './joined-squares.ts';
import type { Pass, Rewriter } from './pass.ts';

const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div', 'Sqrt', 'Neg', 'Sign', 'Abs', 'Reciprocal', 'Exp', 'Log']);

/** A scalar that more operators take than one parameter has is the same for all of them: a learning rate. */
const mostOwnUses = 4;

/**
 * Computes the same elementwise steps of many small tensors at once, as an optimizer's are: parameters of one shape are
 * joined, and what was computed is split again. For devices where starting a kernel takes longer than such a tensor does.
 */
export const joinedUpdatesPass: Pass = (rewriter) => {
  const { graph } = rewriter;
  const joined = new Joined(rewriter);
  joinSquares(rewriter, joined);
  const updates = lastSteps(rewriter);
  const units = unitsOf(rewriter, updates);
  const nodes = graph.nodes.filter((node) => !updates.has(node));
  for (const unit of units.sort((a, b) => a.depth - b.depth)) {
    for (const part of partsOf(unit.nodes)) nodes.push(...(part.length > 1 ? joined.compute(part) : part));
  }
  graph.nodes = nodes;
};

/** Elementwise operators whose results only such operators read, or nobody but the caller. */
function lastSteps({ graph }: Rewriter): Set<GraphNode> {
  const steps = new Set<GraphNode>();
  const readers = readersOf(graph.nodes);
  for (const node of graph.nodes.toReversed()) {
    if (!elementwise.has(node.op) || graph.tensors.get(node.outputs[0]!)!.type !== 'float32') continue;
    if ((readers.get(node.outputs[0]!) ?? []).every((reader) => steps.has(reader))) steps.add(node);
  }
  return steps;
}

/** Operators that do the same to different tensors of one shape, or one that is alone. */
interface Unit {
  readonly number: number;
  readonly nodes: GraphNode[];
  /** Units that one after the other come before it. */
  readonly depth: number;
}

/** In which nodes are alike: the same operator, whose inputs are alike, or shared scalars. */
function unitsOf(rewriter: Rewriter, updates: ReadonlySet<GraphNode>): Unit[] {
  const readers = readersOf([...updates]);
  const units = new Map<string, Unit>();
  const unitOf = new Map<string, Unit>();
  for (const node of rewriter.graph.nodes) {
    if (!updates.has(node)) continue;
    const [output = ''] = node.outputs;
    const shape = rewriter.shape(output);
    const operand = (name: string): string | number | undefined => {
      const own = rewriter.shape(name);
      const isShared = rewriter.graph.constants.has(name) || (readers.get(name)?.length ?? 0) > mostOwnUses;
      if (sizeOf(own) === 1 && (isShared || sizeOf(shape) !== 1)) return `=${name}`;
      return `${own}` === `${shape}` ? (unitOf.get(name)?.number ?? 'given') : undefined;
    };
    const operands = node.inputs.map(operand);
    const isAlone = operands.includes(undefined) || sizeOf(shape) > largestJoined;
    const key = isAlone ? `alone ${output}` : `${node.op} [${shape}] (${operands.join()})`;
    const depth = 1 + Math.max(0, ...node.inputs.map((name) => unitOf.get(name)?.depth ?? 0));
    const unit = units.get(key) ?? { number: units.size, nodes: [], depth };
    unit.nodes.push(node);
    units.set(key, unit);
    unitOf.set(output, unit);
  }
  return [...units.values()];
}

function readersOf(nodes: readonly GraphNode[]): Map<string, GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  return readers;
}
