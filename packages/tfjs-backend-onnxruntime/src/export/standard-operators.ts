import type { Graph, GraphNode } from '../graph/graph.ts';

/** Writes FusedMatMul, which only ONNX Runtime knows, as Transpose and MatMul, which every runtime does. */
export function toStandardOperators(graph: Graph): void {
  graph.nodes = graph.nodes.flatMap((node) => (node.op === 'FusedMatMul' ? expand(graph, node) : [node]));
}

function expand(graph: Graph, node: GraphNode): GraphNode[] {
  const { transA, transB, ...others } = node.attributes;
  if (Object.keys(others).length > 0) return [node];
  const nodes: GraphNode[] = [];
  const [a = '', b = ''] = node.inputs;
  const turned = (name: string, isTurned: unknown): string => {
    if (!isTurned) return name;
    const { type, shape } = graph.tensors.get(name)!;
    const last = shape.length - 1;
    const perm = [...shape.keys()].map((axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis));
    const output = `${node.outputs[0]}.${name}.turned`;
    graph.tensors.set(output, { type, shape: perm.map((axis) => shape[axis]!) });
    nodes.push({
      op: 'Transpose',
      domain: '',
      attributes: { perm },
      inputs: [name],
      outputs: [output],
      origin: undefined,
    });
    return output;
  };
  const inputs = [turned(a, transA), turned(b, transB)];
  return [...nodes, { ...node, op: 'MatMul', domain: '', attributes: {}, inputs }];
}
