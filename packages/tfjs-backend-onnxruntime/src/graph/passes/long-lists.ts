import type { GraphNode } from '../graph.ts';
import type { Pass, Rewriter } from './pass.ts';

/**
 * Tensors of one size that CUDA's Concat and Split take as an argument. Of more, and of others, they copy a list from main
 * memory, which a captured graph would read again when it is long gone.
 */
export const mostJoined = 32;

/** Joins many equal tensors by and by, and cuts a tensor into unequal parts one by one. */
export const longListsPass: Pass = (rewriter) => {
  for (const node of [...rewriter.graph.nodes]) {
    if (node.op === 'Concat') joinByAndBy(rewriter, node);
    if (node.op === 'Split') cutOneByOne(rewriter, node);
  }
};

function joinByAndBy(rewriter: Rewriter, node: GraphNode): void {
  const { inputs, attributes } = node;
  if (inputs.length <= mostJoined) return;
  const [first = ''] = inputs;
  const { type, shape } = rewriter.graph.tensors.get(first)!;
  const isEqual = inputs.every((name) => `${rewriter.shape(name)}` === `${shape}`);
  if (attributes.axis !== 0 || !isEqual || inputs.length > mostJoined ** 2) return;
  const [length = 1, ...others] = shape;
  const parts: string[] = [];
  for (let start = 0; start < inputs.length; start += mostJoined) {
    const part = inputs.slice(start, start + mostJoined);
    // The parts must be equal, too: the last one is filled up, and cut again.
    while (part.length < mostJoined) part.push(first);
    parts.push(rewriter.insert(node, 'Concat', part, { type, shape: [mostJoined * length, ...others] }, attributes));
  }
  const joined = { type, shape: [parts.length * mostJoined * length, ...others] };
  const whole = rewriter.insert(node, 'Concat', parts, joined, attributes);
  const [start, end, axis] = [0, inputs.length * length, 0].map((number) => rewriter.integers([number]));
  Object.assign(node, { op: 'Slice', attributes: {}, inputs: [whole, start, end, axis] });
}

function cutOneByOne(rewriter: Rewriter, node: GraphNode): void {
  const [x = ''] = node.inputs;
  const axis = node.attributes.axis as number;
  const sizes = node.outputs.map((name) => rewriter.shape(name)[axis]!);
  if (new Set(sizes).size === 1 && sizes.length <= mostJoined) return;
  let start = 0;
  const slices = node.outputs.map((output, index): GraphNode => {
    const [first, end] = [start, start + sizes[index]!];
    start = end;
    const places = [first, end, axis].map((number) => rewriter.integers([number]));
    return { op: 'Slice', domain: '', attributes: {}, inputs: [x, ...places], outputs: [output], origin: node.origin };
  });
  const { nodes } = rewriter.graph;
  nodes.splice(nodes.indexOf(node), 1, ...slices);
}
