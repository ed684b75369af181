import type { Graph, GraphNode } from './graph.ts';
import { mostJoined } from './passes/long-lists.ts';

/** Their kernels on CUDA copy lists of sizes from main memory. */
const copying = new Set(['GatherND', 'ScatterND', 'Resize', 'Upsample', 'Loop', 'If', 'Scan']);

/**
 * Whether a captured run of a graph may be replayed: a kernel must not read main memory, which has other contents by then.
 * That no operator is the cpu's is ONNX Runtime's own condition, which it tests.
 */
export function isCapturable({ nodes, tensors }: Graph): boolean {
  const areEqual = (names: readonly string[]) => new Set(names.map((name) => `${tensors.get(name)!.shape}`)).size === 1;
  const passesList = ({ op, inputs, outputs }: GraphNode) => {
    const parts = op === 'Concat' ? inputs : op === 'Split' ? outputs : [];
    return parts.length === 0 || (parts.length <= mostJoined && areEqual(parts));
  };
  return nodes.every((node) => !copying.has(node.op) && passesList(node));
}
