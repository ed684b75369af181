import type { Pass } from './pass.ts';

/** Drops what no output needs. */
export const deadNodePass: Pass = ({ graph }) => {
  const needed = new Set(graph.outputs);
  graph.nodes = graph.nodes
    .reverse()
    .filter((node) => {
      if (!node.outputs.some((output) => needed.has(output))) return false;
      for (const input of node.inputs) needed.add(input);
      return true;
    })
    .reverse();
};
