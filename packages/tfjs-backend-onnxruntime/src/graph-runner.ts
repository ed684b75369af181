import { join } from 'node:path';
import { InputError } from './errors.ts';
import { isCapturable } from './graph/capturable.ts';
import { CompiledGraph, type GraphRun, isSmall } from './graph/compiled-graph.ts';
import { fuse } from './graph/fusion/fuse.ts';
import { copyOf, type Graph, graphOf } from './graph/graph.ts';
import { optimize } from './graph/optimize.ts';
import type { Plan } from './graph/plan.ts';
import type { OrtTensor } from './graph/value.ts';
import type { Spares } from './memory.ts';
import { logLevels, type ResolvedOptions } from './options.ts';
import { makeProfileFolder, newProfilePrefix, type ProfileRow, readProfiles } from './profile.ts';
import type { CustomOperator } from './runtime/custom-operators.ts';
import type { Device } from './runtime/devices/device.ts';
import { deviceOf } from './runtime/devices/index.ts';
import { messageOf } from './runtime/library.ts';
import { SessionCache } from './runtime/session-cache.ts';
import type { SessionOptions } from './runtime/session-options.ts';

/** Counters of the backend's work, in milliseconds where they are times. */
export interface BackendStatistics {
  /** Graphs compiled. */
  compiled: number;
  /** Runs of compiled graphs. */
  runs: number;
  /** Those of them that a device did from a captured graph, or once before it captured one. */
  captured: number;
  /** Time inside ONNX Runtime's run call. */
  runMs: number;
  /** Time spent compiling. */
  compileMs: number;
  /** Kernel calls that tfjs-backend-cpu computed, by kernel. */
  fallbacks: Record<string, number>;
}

/** Compiles graphs for a device and a number of threads, runs them, and counts both. */
export class GraphRunner {
  readonly statistics: BackendStatistics = { compiled: 0, runs: 0, captured: 0, runMs: 0, compileMs: 0, fallbacks: {} };
  readonly #options: ResolvedOptions;
  readonly #device: Device;
  readonly #graphs: SessionCache<CompiledGraph>;
  readonly #profiled: CompiledGraph[] = [];
  readonly #profilePrefix = newProfilePrefix();

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#device = deviceOf(options);
    this.#graphs = new SessionCache(options.graphs);
    if (options.profileFolder) makeProfileFolder(options.profileFolder);
  }

  /** The compiled graph of a plan, from the last time where its structure is the same. */
  ofPlan(plan: Plan): CompiledGraph {
    let graph = this.#graphs.find(plan.key);
    if (!graph) {
      graph = this.compile(graphOf(plan), false);
      this.#graphs.add(plan.key, graph);
    }
    return graph;
  }

  /** A compiled graph that is the caller's to dispose of. @param takesSpares see CompiledGraph */
  compile(graph: Graph, takesSpares: boolean): CompiledGraph {
    const start = performance.now();
    // In debug mode every operator keeps its name, so that an error leads to the call that made it.
    if (!this.#options.debug) optimize(graph, this.#device);
    const wantsCapture = takesSpares && this.#options.cudaGraphs && !this.#options.debug;
    const small = isSmall(graph);
    const operators = wantsCapture ? this.#fused(graph) : [];
    const options = this.#sessionOptions(small, wantsCapture && isCapturable(graph));
    const compiled = new CompiledGraph(graph, { ...options, operators }, this.#device, takesSpares);
    if (this.#options.profileFolder) this.#profiled.push(compiled);
    this.statistics.compiled++;
    this.statistics.compileMs += performance.now() - start;
    return compiled;
  }

  /** A run that is counted. @param spares see CompiledGraph.prepare */
  prepare(graph: CompiledGraph, leaves: readonly OrtTensor[], spares?: Spares): GraphRun {
    const run = graph.prepare(leaves, spares);
    let begin: number | undefined;
    const start = () => {
      begin ??= performance.now();
      return run.start();
    };
    const finish = () => {
      begin ??= performance.now();
      run.finish();
      this.statistics.runs++;
      if (run.isCaptured) this.statistics.captured++;
      this.statistics.runMs += performance.now() - begin;
    };
    return { results: run.results, start, finish, isCaptured: run.isCaptured };
  }

  /** Ends profiling and adds up the time of every operator, the longest first. */
  profile(): ProfileRow[] {
    const { profileFolder } = this.#options;
    if (!profileFolder) throw new InputError('profile: register the backend with the option profileFolder first');
    for (const graph of this.#profiled) graph.endProfiling();
    this.#profiled.length = 0;
    return readProfiles(profileFolder, this.#profilePrefix);
  }

  /** Releases the graphs of plans. */
  dispose(): void {
    this.#graphs.dispose();
  }

  /** Lets the device's own kernels compute what they can of a graph, if that can be captured then. */
  #fused(graph: Graph): CustomOperator[] {
    const { operators } = this.#device;
    if (!operators) return [];
    const plain = copyOf(graph);
    try {
      const kernels = fuse(graph);
      if (isCapturable(graph)) return operators(kernels);
      Object.assign(graph, plain);
      return [];
    } catch (error) {
      // A compiler that is missing, or refuses a kernel: the graph is as right without.
      Object.assign(graph, plain);
      const [reason] = messageOf(error).split('\n');
      process.emitWarning(`onnxruntime backend: a graph runs without kernels of its own, slower (${reason})`);
      return [];
    }
  }

  #sessionOptions(small: boolean, mayCapture: boolean): SessionOptions {
    const { profileFolder, logging, threads, debug } = this.#options;
    const profiling = profileFolder && {
      profilePrefix: join(profileFolder, `${this.#profilePrefix}${this.statistics.compiled}`),
    };
    return {
      ...profiling,
      providers: this.#device.providers,
      // A replay shows no operators to a profile, and names none in an error.
      captures: mayCapture && !profiling && this.#device.capture !== undefined,
      logLevel: logLevels[logging],
      threads: small ? 1 : threads,
      optimize: !debug,
      arena: !small,
    };
  }
}
