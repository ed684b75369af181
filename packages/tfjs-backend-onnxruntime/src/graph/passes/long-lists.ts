import type { Pass } from './pass.ts';

/**
 * Tensors of one size that CUDA's Concat and Split take as an argument. Of more they copy a list from main memory, which a
 * captured graph would read again when it is long gone.
 */
export const mostJoined = 32;

/** Joins many equal tensors by and by. */
export const longListsPass: Pass = (rewriter) => {
  for (const node of [...rewriter.graph.nodes]) {
    const { inputs, attributes } = node;
    if (node.op !== 'Concat' || inputs.length <= mostJoined) continue;
    const [first = ''] = inputs;
    const { type, shape } = rewriter.graph.tensors.get(first)!;
    const isEqual = inputs.every((name) => `${rewriter.shape(name)}` === `${shape}`);
    if (attributes.axis !== 0 || !isEqual || inputs.length > mostJoined ** 2) continue;
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
};
