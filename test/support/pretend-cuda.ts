import { vi } from 'vitest';
import type { Graph } from '../../packages/tfjs-backend-onnxruntime/src/graph/graph.ts';
import { GraphRunner } from '../../packages/tfjs-backend-onnxruntime/src/graph-runner.ts';
import { deviceOf } from '../../packages/tfjs-backend-onnxruntime/src/runtime/devices/index.ts';

/** Lets device cuda make its graphs from the facts of an NVIDIA GPU, and compute them on the cpu without kernels of ours. */
export function pretendCuda(): void {
  Object.assign(deviceOf({ device: 'cuda', tf32: true }), {
    providers: [],
    memory: 'Cpu',
    residentElements: Number.POSITIVE_INFINITY,
    operators: undefined,
    capture: undefined,
    prepare: undefined,
  });
}

/** Shows every graph that is compiled from now on, of functions and of what is computed without being recorded. */
export function watchGraphs(see: (graph: Graph) => void): void {
  const { compile } = GraphRunner.prototype;
  vi.spyOn(GraphRunner.prototype, 'compile').mockImplementation(function (this: GraphRunner, graph, takesSpares) {
    const compiled = compile.call(this, graph, takesSpares);
    see(graph);
    return compiled;
  });
}
