import type { Graph, GraphNode } from '../graph/graph.ts';
import { elementTypeCode } from '../onnx/encode.ts';
import type { ExportInput } from './record-export.ts';
import type { SizeGraph } from './size-graph.ts';

/**
 * The operators between an input of the file and what the function gets: a cast of int64, and the check of a limit. ONNX
 * cannot raise an error of its own, so the check looks up the zero at the place of the size in a table that ends with
 * the limit, and adds it: a runtime that looks beyond the table stops, and names the operator.
 * @returns the operators, and the name of the tensor that the function gets
 */
export function inputOperators(
  graph: Graph,
  sizes: SizeGraph,
  input: string,
  { dtype, limit }: ExportInput,
): { nodes: GraphNode[]; name: string } {
  const nodes: GraphNode[] = [];
  let name = input;
  const { type, shape } = graph.tensors.get(input)!;
  const append = (op: string, inputs: string[], output: string, outputShape = shape, attributes = {}) => {
    graph.tensors.set(output, { type, shape: outputShape });
    nodes.push({ op, domain: '', attributes, inputs, outputs: [output], origin: undefined });
    return output;
  };
  if (dtype === 'int64') {
    graph.tensors.set(input, { type: 'int64', shape });
    name = append('Cast', [name], `${input}.int32`, shape, { to: elementTypeCode(type) });
  }
  if (limit !== undefined) {
    const place = sizes.tensor([{ factor: 1, terms: [limit.sizes] }], { type: 'int64', shape: [1] });
    const table = `${input}.limit`;
    graph.tensors.set(table, { type, shape: [limit.most + 1] });
    graph.constants.set(table, type === 'int32' ? new Int32Array(limit.most + 1) : new Float32Array(limit.most + 1));
    const zero = append('Gather', [table, place], limit.name, [1], { axis: 0 });
    name = append('Add', [name, zero], `${input}.limited`);
  }
  return { nodes, name };
}
