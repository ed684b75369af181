import { ownDomain } from '../../onnx/encode.ts';
import type { Graph, GraphNode } from '../graph.ts';
import { deadNodePass } from '../passes/dead-nodes.ts';
import { Rewriter } from '../passes/pass.ts';
import { Analysis } from './analysis.ts';
import { type FusedKernel, kernelOf, type Placed, rowKernelsOf } from './kernel.ts';
import { maximaPass } from './maxima.ts';

/**
 * Replaces elementwise operators by kernels that each read their operands once: what is only on the way to another
 * elementwise result is computed again where it is needed, and never written. In place.
 * @returns the kernels that the graph has now
 */
export function fuse(graph: Graph): FusedKernel[] {
  maximaPass(new Rewriter(graph));
  deadNodePass(new Rewriter(graph));
  const analysis = new Analysis(graph);
  const kernels = new Map<string, FusedKernel>();
  const made: GraphNode[] = [];
  const replaced = new Set<GraphNode>();
  const add = ({ kernel, inputs, outputs }: Placed, origin: GraphNode['origin']) => {
    kernels.set(kernel.name, kernel);
    made.push({ op: kernel.name, domain: ownDomain, attributes: {}, inputs, outputs, origin });
  };
  for (const group of analysis.groups()) {
    const placed = kernelOf(graph, analysis, group);
    // One operator alone is as fast as it can be.
    if (placed.operators < 2) continue;
    const nodes = group.map((name) => analysis.producer(name)!);
    add(placed, nodes[0]!.origin);
    for (const node of nodes) replaced.add(node);
  }
  for (const node of graph.nodes) {
    const operation = analysis.rowOperation(node);
    if (!operation) continue;
    for (const placed of rowKernelsOf(graph, analysis, node, operation)) add(placed, node.origin);
    replaced.add(node);
  }
  const others = graph.nodes.filter((node) => !replaced.has(node) && !analysis.isInlined(node));
  graph.nodes = inOrder([...others, ...made]);
  // Reshapes between operators that are one kernel now.
  deadNodePass(new Rewriter(graph));
  return [...kernels.values()];
}

/** Inputs first; else as they are. */
function inOrder(nodes: readonly GraphNode[]): GraphNode[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const done = new Set<GraphNode>();
  const ordered: GraphNode[] = [];
  for (const root of nodes) {
    const stack = [{ node: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (done.has(top.node)) {
        stack.pop();
        continue;
      }
      const name = top.node.inputs[top.next++];
      if (name === undefined) {
        done.add(top.node);
        ordered.push(top.node);
        stack.pop();
        continue;
      }
      const producer = producers.get(name);
      if (producer && !done.has(producer)) stack.push({ node: producer, next: 0 });
    }
  }
  return ordered;
}
