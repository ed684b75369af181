import type { Spares } from '../memory.ts';
import { encodeModel } from '../onnx/encode.ts';
import { Captures } from '../runtime/captures.ts';
import { allocate } from '../runtime/device.ts';
import type { Device } from '../runtime/devices/device.ts';
import { NativeSession } from '../runtime/native.ts';
import type { SessionOptions } from '../runtime/session-options.ts';
import { bytesOf, emptyTensor, type OrtTensor, sizeOf } from '../runtime/tensor.ts';
import { explain } from './failure.ts';
import type { Graph, GraphNode } from './graph.ts';
import type { Description, Origin } from './value.ts';

/** Below this sum of outputs, new arrays cost less than keeping account of the old ones. */
const spareBytes = 1 << 18;

/** Work (see nodeWork) up to which a graph is small, and from which on a run is long: some milliseconds. */
const [smallWork, longWork] = [200_000, 4_000_000];

/** A result that a session computes: one may stand for several outputs of the graph. */
interface Output extends Description {
  readonly name: string;
  /** Key of the earlier results that it may be written over; undefined where it takes none. */
  readonly spareKey: string | undefined;
  /** Whether several outputs have it: on a device, the first that is disposed would release it. */
  readonly isRepeated: boolean;
}

/** One run of a graph. */
export interface GraphRun {
  /** The outputs, in the plan's order, whose elements are there when the run is finished. */
  readonly results: readonly OrtTensor[];
  /** Starts the run on another thread. @returns a promise that is fulfilled when it has returned, also with an error */
  start(): Promise<void>;
  /** Blocks until everything is computed, here unless it was started. Throws the error of the kernel that failed. */
  finish(): void;
  /** A device does it from a captured graph, or once before: when it is started, it needs no more of this process's time. */
  readonly isCaptured: boolean;
}

/** A graph inside ONNX Runtime: takes the leaves of its plan and gives its outputs, both in the plan's order. */
export class CompiledGraph {
  readonly #session: NativeSession;
  readonly #captures: Captures | undefined;
  readonly #hasOwnOperators: boolean;
  readonly #device: Device;
  readonly #outputs: readonly Output[];
  /** Place of each of the graph's outputs among those. */
  readonly #places: readonly number[];
  readonly #origins: ReadonlyMap<string, Origin>;
  /** Whether a run takes so long that JavaScript should go on meanwhile. */
  readonly isLong: boolean;
  #isDisposed = false;

  /**
   * @param device keeps large results, if it has memory of its own
   * @param takesSpares whether `run` may get earlier results to write into
   */
  constructor(graph: Graph, options: SessionOptions, device: Device, takesSpares: boolean) {
    const names = [...new Set(graph.outputs)];
    this.#device = device;
    this.#hasOwnOperators = (options.operators ?? []).length > 0;
    this.isLong = doesMore(graph, longWork);
    this.#origins = new Map(graph.nodes.flatMap(({ outputs, origin }) => (origin ? [[outputs[0]!, origin]] : [])));
    this.#outputs = outputsOf(graph, names, takesSpares);
    this.#places = graph.outputs.map((name) => names.indexOf(name));
    try {
      this.#session = new NativeSession(encodeModel(graph), graph.inputs, names, options);
      const { capture } = device;
      this.#captures = capture && this.#session.captures ? new Captures(this.#session, device, capture) : undefined;
    } catch (error) {
      throw explain(error, this.#origins);
    }
  }

  /** Key under which a result of this output may become a spare; undefined where it must not. */
  spareKey(output: number): string | undefined {
    return this.#outputs[this.#places[output]!]!.spareKey;
  }

  /**
   * A run that computes the outputs into tensors that are there already.
   * @param spares earlier results that nobody holds any more: the elements of those that fit are overwritten
   */
  prepare(leaves: readonly OrtTensor[], spares?: Spares): GraphRun {
    const tensors = this.#outputs.map((output) => this.#place(output, spares));
    const captured = this.#captures?.run(leaves, tensors);
    const run = captured ?? this.#session.prepare(leaves, tensors);
    const finish = () => {
      try {
        run.finish();
      } catch (error) {
        throw explain(error, this.#origins);
      }
    };
    const results = this.#places.map((place) => tensors[place]!);
    // Kernels of our own are started by JavaScript, so that only a replay goes on by itself.
    const start = async () => (this.#hasOwnOperators && !captured ? undefined : run.start());
    return { results, start, finish, isCaptured: captured !== undefined };
  }

  /** A tensor that a result is written into. */
  #place({ type, shape, spareKey, isRepeated }: Output, spares: Spares | undefined): OrtTensor {
    const spare = spareKey === undefined ? undefined : spares?.take(spareKey);
    if (spare) return spare;
    return isRepeated ? emptyTensor(type, shape) : allocate(this.#device, type, shape);
  }

  /** Makes ONNX Runtime write its profile, which it also does when a session is disposed of. */
  endProfiling(): void {
    if (!this.#isDisposed) this.#session.endProfiling();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#captures?.dispose();
    this.#session.dispose();
  }
}

function outputsOf(graph: Graph, names: readonly string[], takesSpares: boolean): Output[] {
  const described = names.map((name) => ({ name, ...graph.tensors.get(name)! }));
  const bytes = described.reduce((sum, { type, shape }) => sum + bytesOf(type, shape), 0);
  return described.map(({ name, type, shape }) => {
    const isRepeated = graph.outputs.indexOf(name) !== graph.outputs.lastIndexOf(name);
    // A repeated one stands for two tensors of the function: either would give it back while the other still has it.
    const spareKey = takesSpares && bytes >= spareBytes && !isRepeated ? `${type}[${shape}]` : undefined;
    return { name, type, shape, spareKey, isRepeated };
  });
}

/** Whether a graph does so little that waking other threads and keeping an arena would cost more than they save. */
export function isSmall(graph: Graph): boolean {
  return !doesMore(graph, smallWork);
}

function doesMore(graph: Graph, limit: number): boolean {
  let work = 0;
  return graph.nodes.some((node) => {
    work += nodeWork(node, graph.tensors);
    return work > limit;
  });
}

function nodeWork(node: GraphNode, tensors: ReadonlyMap<string, Description>): number {
  const output = sizeOf(tensors.get(node.outputs[0]!)?.shape ?? []);
  const [first] = node.inputs.map((name) => tensors.get(name)?.shape ?? []);
  const inputSize = sizeOf(first ?? []);
  const inner = node.op.includes('MatMul') ? (first?.at(-1) ?? 1) / 8 : 1;
  return Math.max(output * inner, inputSize);
}
