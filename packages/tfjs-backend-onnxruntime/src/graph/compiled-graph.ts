import type { Spares } from '../memory.ts';
import { encodeModel } from '../onnx/encode.ts';
import { staysOnDevice } from '../runtime/device.ts';
import type { Device } from '../runtime/devices/device.ts';
import { NativeSession, type OrtTensors, ortTensor, type SessionOptions } from '../runtime/native.ts';
import { explain } from './failure.ts';
import type { Graph, GraphNode } from './graph.ts';
import { type Description, type Origin, type OrtTensor, sizeOf } from './value.ts';

/** Below this sum of outputs, new arrays cost less than the exception that it takes to do without. */
const spareBytes = 1 << 18;
const arrayTypes = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array, bool: Uint8Array };

/** A graph inside ONNX Runtime: takes the leaves of its plan and gives its outputs, both in the plan's order. */
export class CompiledGraph {
  readonly #session: NativeSession;
  readonly #inputs: readonly string[];
  readonly #outputs: readonly string[];
  readonly #fetched: readonly string[];
  readonly #origins: ReadonlyMap<string, Origin>;
  readonly #tensors: ReadonlyMap<string, Description>;
  /** By output; undefined where it takes no spare. */
  readonly #spareKeys: readonly (string | undefined)[];
  #isDisposed = false;

  /**
   * @param device keeps large results, if it has memory of its own
   * @param takesSpares whether `run` may get earlier results to write into
   */
  constructor(graph: Graph, options: SessionOptions, device: Device, takesSpares: boolean) {
    this.#inputs = graph.inputs;
    this.#outputs = graph.outputs;
    this.#fetched = [...new Set(graph.outputs)];
    this.#origins = new Map(graph.nodes.flatMap(({ outputs, origin }) => (origin ? [[outputs[0]!, origin]] : [])));
    this.#tensors = graph.tensors;
    const canTakeSpares = takesSpares && device.writesIntoArrays && outputBytes(graph) >= spareBytes;
    this.#spareKeys = graph.outputs.map((name) => (canTakeSpares ? spareKey(graph, name) : undefined));
    try {
      this.#session = new NativeSession(encodeModel(graph, canTakeSpares), {
        ...options,
        ...outputLocations(graph, device),
      });
    } catch (error) {
      throw explain(error, this.#origins);
    }
  }

  /** Key under which a result of this output may become a spare; undefined where it must not. */
  spareKey(output: number): string | undefined {
    return this.#spareKeys[output];
  }

  /**
   * Computes the outputs. Blocks until they are there.
   * @param spares earlier results that nobody holds any more: the elements of those that fit are overwritten
   */
  run(leaves: readonly OrtTensor[], spares?: Spares): OrtTensor[] {
    const feeds: OrtTensors = {};
    for (const [index, name] of this.#inputs.entries()) feeds[name] = leaves[index]!;
    try {
      const overwrites = spares && !spares.isEmpty && this.#spareKeys.some((key) => key !== undefined);
      const results = overwrites ? this.#overwrite(feeds, spares) : this.#session.run(feeds, this.#fetched);
      return this.#outputs.map((name) => results[name]!);
    } catch (error) {
      throw explain(error, this.#origins);
    }
  }

  #overwrite(feeds: OrtTensors, spares: Spares): OrtTensors {
    const results: OrtTensors = {};
    for (const [index, name] of this.#outputs.entries()) {
      const { type, shape } = this.#tensors.get(name)!;
      const key = this.#spareKeys[index];
      const spare = key === undefined ? undefined : spares.take(key);
      results[name] ??= spare ?? ortTensor(type, new arrayTypes[type](sizeOf(shape)), shape);
    }
    this.#session.compute(feeds, results);
    return results;
  }

  /** Makes ONNX Runtime write its profile, which it also does when a session is disposed of. */
  endProfiling(): void {
    if (!this.#isDisposed) this.#session.endProfiling();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#session.dispose();
  }
}

/** One output may stand for two tensors of the function: either would give it back while the other still has it. */
function spareKey(graph: Graph, name: string): string | undefined {
  const { type, shape } = graph.tensors.get(name)!;
  return isRepeated(graph.outputs, name) ? undefined : `${type}[${shape}]`;
}

function isRepeated(names: readonly string[], name: string): boolean {
  return names.indexOf(name) !== names.lastIndexOf(name);
}

function outputBytes(graph: Graph): number {
  const bytes = graph.outputs.map((name) => {
    const { type, shape } = graph.tensors.get(name)!;
    return arrayTypes[type].BYTES_PER_ELEMENT * sizeOf(shape);
  });
  return bytes.reduce((sum, count) => sum + count, 0);
}

function outputLocations(graph: Graph, device: Device): Pick<SessionOptions, 'preferredOutputLocation'> {
  if (!Number.isFinite(device.residentElements)) return {};
  const location = (name: string): 'cpu' | 'gpu-buffer' => {
    const { type, shape } = graph.tensors.get(name)!;
    // A result that stands for several tensors would be released by the first that is disposed.
    return !isRepeated(graph.outputs, name) && staysOnDevice(device, type, sizeOf(shape)) ? 'gpu-buffer' : 'cpu';
  };
  return { preferredOutputLocation: Object.fromEntries(graph.outputs.map((name) => [name, location(name)])) };
}

/** Whether a graph does so little that waking other threads and keeping an arena would cost more than they save. */
export function isSmall(graph: Graph): boolean {
  let work = 0;
  for (const node of graph.nodes) {
    work += nodeWork(node, graph.tensors);
    if (work > 200_000) return false;
  }
  return true;
}

function nodeWork(node: GraphNode, tensors: ReadonlyMap<string, Description>): number {
  const output = sizeOf(tensors.get(node.outputs[0]!)?.shape ?? []);
  const [first] = node.inputs.map((name) => tensors.get(name)?.shape ?? []);
  const inputSize = sizeOf(first ?? []);
  const inner = node.op.includes('MatMul') ? (first?.at(-1) ?? 1) / 8 : 1;
  return Math.max(output * inner, inputSize);
}
