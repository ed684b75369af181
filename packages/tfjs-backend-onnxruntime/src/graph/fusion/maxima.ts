import { ownDomain } from '../../onnx/encode.ts';
import type { GraphNode } from '../graph.ts';
import type { Pass, Rewriter } from '../passes/pass.ts';
import { sizeOf } from '../value.ts';
import { maximum, reducedSide } from './reductions.ts';

/** A block has a row. Longer ones, where there are few, keep ONNX Runtime's operators, which divide them. */
const [fewestRows, longestRow] = [128, 2 ** 17];

/**
 * Where(any IsNaN, NaN, ReduceMax) over the last axes becomes one operator. ONNX Runtime's ReduceMax passes over NaN, so that
 * the maximum of TensorFlow.js takes a second reduction there.
 */
export const maximaPass: Pass = (rewriter) => {
  for (const node of rewriter.graph.nodes) {
    const operand = node.op === 'Where' ? operandOf(rewriter, node) : undefined;
    if (operand !== undefined) Object.assign(node, { op: maximum, domain: ownDomain, inputs: [operand] });
  }
};

/** The tensor that a node gives the maxima of rows of. */
function operandOf(rewriter: Rewriter, { inputs }: GraphNode): string | undefined {
  const [condition = '', other = '', name = ''] = inputs;
  const { constants } = rewriter.graph;
  const notANumber = constants.get(other);
  if (notANumber?.length !== 1 || !Number.isNaN(Number(notANumber[0]))) return undefined;
  const [operand = '', axes = ''] = rewriter.producer(name, 'ReduceMax')?.inputs ?? [];
  const [any = ''] = rewriter.producer(condition, 'Cast')?.inputs ?? [];
  const [flags = '', axesOfAny = ''] = rewriter.producer(any, 'ReduceMax')?.inputs ?? [];
  const [test = ''] = rewriter.producer(flags, 'Cast')?.inputs ?? [];
  const [list, listOfAny] = [constants.get(axes), constants.get(axesOfAny)];
  const isOne = rewriter.producer(test, 'IsNaN')?.inputs[0] === operand && `${list}` === `${listOfAny}`;
  if (!isOne || !list) return undefined;
  const [shape, rows] = [rewriter.shape(operand), sizeOf(rewriter.shape(name))];
  const size = sizeOf(shape);
  const fits = size > 0 && size < 2 ** 31 && (rows >= fewestRows || size / rows <= longestRow);
  return fits && reducedSide(shape, list) === 'columns' ? operand : undefined;
}
