import type { GraphNode } from '../graph.ts';
import { sizeOf } from '../value.ts';
import { type Joined, largestJoined, partsOf } from './joined.ts';
import type { Rewriter } from './pass.ts';

/** A sum of squares in a list. */
interface Squares {
  /** What is squared. */
  readonly terms: string;
  /** Its place in the list. */
  readonly place: number;
}

/** Lists of the sums of the squares of tensors, as the norms of all gradients are: those of small tensors of one shape are summed at once. */
export function joinSquares(rewriter: Rewriter, joined: Joined): void {
  for (const list of [...rewriter.graph.nodes]) {
    if (list.op !== 'Concat') continue;
    const groups = new Map<string, Squares[]>();
    for (const [place, name] of list.inputs.entries()) {
      const terms = termsOf(rewriter, name);
      if (terms === undefined || sizeOf(rewriter.shape(terms)) > largestJoined) continue;
      const shape = rewriter.shape(terms).join();
      groups.set(shape, [...(groups.get(shape) ?? []), { terms, place }]);
    }
    for (const part of [...groups.values()].flatMap(partsOf))
      if (part.length > 1) replace(rewriter, joined, list, part);
  }
}

/** What a tensor [1] is the sum of the squares of. */
function termsOf(rewriter: Rewriter, name: string): string | undefined {
  const [scalar = ''] = rewriter.producer(name, 'Reshape')?.inputs ?? [];
  const sum = rewriter.producer(scalar, 'ReduceSum');
  const isWhole = scalar !== '' && rewriter.shape(scalar).length === 0;
  const square = isWhole ? rewriter.producer(sum ? sum.inputs[0]! : scalar, 'Mul') : undefined;
  return square && square.inputs[0] === square.inputs[1] ? square.inputs[0] : undefined;
}

function replace(rewriter: Rewriter, joined: Joined, list: GraphNode, squares: readonly Squares[]): void {
  const { nodes } = rewriter.graph;
  const made: GraphNode[] = [];
  const names = squares.map(({ terms }) => terms);
  const terms = joined.join(names, list, made);
  nodes.splice(nodes.indexOf(list), 0, ...made);
  const rows = { type: 'float32' as const, shape: [names.length, sizeOf(rewriter.shape(names[0]!))] };
  const squared = rewriter.insert(list, 'Mul', [terms, terms], { ...rows, shape: rewriter.shape(terms) });
  const byTensor = rewriter.insert(list, 'Reshape', [squared, rewriter.integers(rows.shape)], rows);
  const last = rewriter.integers([1]);
  const sums = rewriter.insert(
    list,
    'ReduceSum',
    [byTensor, last],
    { ...rows, shape: [names.length] },
    { keepdims: 0 },
  );
  const outputs = squares.map(() => rewriter.tensor({ ...rows, shape: [1] }));
  const attributes = { axis: 0, num_outputs: outputs.length };
  const split = { op: 'Split', domain: '', attributes, inputs: [sums], outputs, origin: list.origin };
  nodes.splice(nodes.indexOf(list), 0, split);
  for (const [index, { place }] of squares.entries()) list.inputs[place] = outputs[index]!;
}
