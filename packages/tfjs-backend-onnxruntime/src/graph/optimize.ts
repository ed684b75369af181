import { cpu } from '../runtime/devices/cpu.ts';
import type { Device } from '../runtime/devices/device.ts';
import type { Graph } from './graph.ts';
import { commonSubexpressionPass } from './passes/common-subexpressions.ts';
import { deadNodePass } from './passes/dead-nodes.ts';
import { hiddenLengthsPass } from './passes/hidden-lengths.ts';
import { longListsPass } from './passes/long-lists.ts';
import { type Pass, Rewriter } from './passes/pass.ts';
import { rotaryPass } from './passes/rotary.ts';
import { tallProductPass } from './passes/tall-product.ts';

/** Rewrites a graph in place for a device, before ONNX Runtime, which has fusions of its own, sees it. */
export function optimize(graph: Graph, device: Device = cpu): void {
  for (const pass of passesFor(device)) pass(new Rewriter(graph));
}

/** In this order: later passes find what earlier ones leave. */
function passesFor({ providers, capture }: Device): Pass[] {
  const first = [commonSubexpressionPass, rotaryPass];
  if (capture) return [...first, deadNodePass, longListsPass];
  // Providers of devices have plans of memory of their own, and want all shapes.
  return [...first, tallProductPass, deadNodePass, ...(providers.length === 0 ? [hiddenLengthsPass] : [])];
}
