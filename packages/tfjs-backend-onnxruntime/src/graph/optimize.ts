import type { Graph } from './graph.ts';
import { commonSubexpressionPass } from './passes/common-subexpressions.ts';
import { deadNodePass } from './passes/dead-nodes.ts';
import { hiddenLengthsPass } from './passes/hidden-lengths.ts';
import { type Pass, Rewriter } from './passes/pass.ts';
import { rotaryPass } from './passes/rotary.ts';
import { tallProductPass } from './passes/tall-product.ts';

/** In this order: later passes find what earlier ones leave. */
const passes: readonly Pass[] = [commonSubexpressionPass, rotaryPass, tallProductPass, deadNodePass];

/**
 * Rewrites a graph in place before ONNX Runtime, which has fusions of its own, sees it.
 * @param plansMemory whether it plans the memory itself: providers of devices have plans of their own, and want all shapes
 */
export function optimize(graph: Graph, plansMemory = true): void {
  for (const pass of passes) pass(new Rewriter(graph));
  if (plansMemory) hiddenLengthsPass(new Rewriter(graph));
}
