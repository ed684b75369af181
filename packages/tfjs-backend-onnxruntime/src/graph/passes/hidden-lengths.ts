import { elementTypeCode } from '../../onnx/encode.ts';
import { sizeOf } from '../../runtime/tensor.ts';
import type { GraphNode } from '../graph.ts';
import type { Pass, Rewriter } from './pass.ts';

/** Lengths of one tensor's slices from which on they are hidden. */
const fewestLengths = 4;

/**
 * Hides the lengths of slices and paddings from ONNX Runtime where a graph takes many of one tensor. Its plan keeps memory
 * that is not needed any more for the next tensor of the same shape: of work in blocks, each with a shape of its own, it
 * would keep every block's. Tensors of unknown shapes are freed at once.
 */
export const hiddenLengthsPass: Pass = (rewriter) => {
  const { graph } = rewriter;
  const lengths = new Map<string, Set<string>>();
  for (const { op, inputs, outputs } of graph.nodes) {
    const [x = ''] = inputs;
    if (op === 'Slice') lengths.set(x, (lengths.get(x) ?? new Set()).add(rewriter.shape(outputs[0]!).join()));
  }
  const isOfMany = ({ op, inputs: [x = ''] }: GraphNode) => op === 'Slice' && lengths.get(x)!.size >= fewestLengths;
  const source = graph.inputs.find((name) => {
    const { type, shape } = graph.tensors.get(name)!;
    return (type === 'float32' || type === 'int32') && sizeOf(shape) > 0;
  });
  if (source === undefined || !graph.nodes.some(isOfMany)) return;
  // The input that says a slice's ends, or the amount of padding.
  const hidden = graph.nodes.flatMap((node) =>
    isOfMany(node) ? [{ node, place: 2 }] : node.op === 'Pad' ? [{ node, place: 1 }] : [],
  );
  // Other slices are mostly of what follows from these.
  for (const { op, outputs } of graph.nodes) if (op === 'Slice') graph.hidden.add(outputs[0]!);
  const zero = zeroOf(rewriter, graph.nodes[0]!, source);
  for (const { node, place } of hidden) {
    const known = node.inputs[place]!;
    node.inputs[place] = rewriter.insert(node, 'Add', [known, zero], graph.tensors.get(known)!);
  }
};

/** A zero [1] int64 that ONNX Runtime does not know: a number of an input less itself. */
function zeroOf(rewriter: Rewriter, before: GraphNode, source: string): string {
  const { graph } = rewriter;
  const integers = (...values: bigint[]) =>
    rewriter.constant(BigInt64Array.from(values), { type: 'int64', shape: [values.length] });
  const { type, shape } = graph.tensors.get(source)!;
  const flat = rewriter.insert(before, 'Reshape', [source, integers(-1n)], { type, shape: [sizeOf(shape)] });
  const number = rewriter.insert(before, 'Slice', [flat, integers(0n), integers(1n)], { type, shape: [1] });
  const whole = rewriter.insert(
    before,
    'Cast',
    [number],
    { type: 'int64', shape: [1] },
    { to: elementTypeCode('int64') },
  );
  return rewriter.insert(before, 'Sub', [whole, whole], { type: 'int64', shape: [1] });
}
