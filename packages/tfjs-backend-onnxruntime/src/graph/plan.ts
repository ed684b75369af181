import { elementsText, type Leaf, type Node, type Value } from './value.ts';

/** The part of the pending graph that some outputs need, in an order that computes inputs first. */
export interface Plan {
  readonly leaves: readonly Leaf[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Value[];
  /** Equal keys mean equal structure: operators, attributes, shapes, types and wiring. Elements of leaves do not count. */
  readonly key: string;
}

/** Collects what the pending `outputs` need. */
export function makePlan(outputs: readonly Value[]): Plan {
  const leaves: Leaf[] = [];
  const nodes: Node[] = [];
  const names = new Map<Value, string>();
  const key: string[] = [];
  const done = new Set<Node>();

  const name = (value: Value): string => {
    let text = names.get(value);
    if (text === undefined) {
      const description = `${value.type}[${value.shape}]`;
      if (value.kind === 'constant') text = `${description}=${elementsText(value.elements)}`;
      else if (value.kind === 'leaf') text = `${leaves.push(value)}:${description}`;
      else throw new Error('a tensor of the pending graph has neither elements nor a node');
      names.set(value, text);
    }
    return text;
  };

  // Depth first without recursion: a chain of pending nodes can be longer than the call stack.
  const stack: { node: Node; next: number }[] = [];
  const visit = (root: Node): void => {
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const { node } = top;
      if (done.has(node)) {
        stack.pop();
        continue;
      }
      if (top.next < node.inputs.length) {
        const input = node.inputs[top.next++];
        if (input?.kind === 'pending' && input.failure) throw input.failure;
        if (input?.kind === 'pending' && !done.has(input.node)) stack.push({ node: input.node, next: 0 });
        continue;
      }
      done.add(node);
      stack.pop();
      const wiring = node.inputs.map((input) => (input ? name(input) : '')).join(' ');
      for (const [index, output] of node.outputs.entries()) names.set(output, `n${nodes.length}.${index}`);
      nodes.push(node);
      // The starts and ends of a slice are fed: only its output says how much it takes.
      const shapes = node.op === 'Slice' ? node.outputs.map(({ shape }) => `[${shape}]`).join() : '';
      key.push(`${node.signature}${shapes}(${wiring})`);
    }
  };
  for (const output of outputs) if (output.kind === 'pending') visit(output.node);
  key.push(outputs.map(name).join(' '));
  return { leaves, nodes, outputs, key: key.join('\n') };
}
