import type { Pass } from './pass.ts';

/** Computes equal expressions once. */
export const commonSubexpressionPass: Pass = ({ graph }) => {
  const first = new Map<string, string[]>();
  const replaced = new Map<string, string>();
  const current = (name: string): string => replaced.get(name) ?? name;
  graph.nodes = graph.nodes.filter((node) => {
    node.inputs = node.inputs.map(current);
    const key = `${node.domain}.${node.op} ${JSON.stringify(node.attributes)} ${node.inputs.join()} ${node.outputs.length}`;
    const known = first.get(key);
    if (!known) {
      first.set(key, node.outputs);
      return true;
    }
    for (const [index, output] of node.outputs.entries()) replaced.set(output, known[index]!);
    return false;
  });
  graph.outputs = graph.outputs.map(current);
};
