import type { CompiledGraph, GraphRun } from './graph/compiled-graph.ts';
import { makePlan, type Plan } from './graph/plan.ts';
import { type OrtTensor, type Pending, settle } from './graph/value.ts';
import type { GraphRunner } from './graph-runner.ts';

/** Consequences of a run that was put off. */
interface Consequences {
  /** Tensor that each value becomes. */
  readonly outputs: ReadonlyMap<Pending, OrtTensor>;
  /** After all values have become leaves. */
  succeed(): void;
  /** @param isAwaited whether somebody will get the error from a value */
  fail(error: Error, isAwaited: boolean): void;
}

/**
 * A run that was put off until somebody needs one of its values: on another thread for somebody who awaits it, else here and
 * now. A backend has one at most: whatever else is computed comes after it, so that everything happens in the order of calls.
 */
export class DeferredRun {
  /** Somebody awaits one of the values. */
  isAwaited = false;
  readonly #run: GraphRun;
  readonly #consequences: Consequences;

  constructor(run: GraphRun, consequences: Consequences) {
    this.#run = run;
    this.#consequences = consequences;
  }

  gives(value: Pending): boolean {
    return this.#consequences.outputs.has(value);
  }

  /** Computes on another thread. @returns a promise that is fulfilled when `finish` will not block */
  start(): Promise<void> {
    return this.#run.start();
  }

  /** Blocks until everything is computed. */
  finish(): void {
    const { outputs, succeed, fail } = this.#consequences;
    try {
      this.#run.finish();
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)), this.isAwaited);
      return;
    }
    for (const [value, tensor] of outputs) settle(value, tensor);
    succeed();
  }
}

/** Computes pending values. */
export function computeNow(runner: GraphRunner, values: readonly Pending[]): void {
  const outputs = inOrder(values);
  const plan = makePlan(outputs);
  const run = runner.prepare(runner.ofPlan(plan), leafTensors(plan));
  run.finish();
  for (const [index, output] of outputs.entries()) settle(output, run.results[index]!);
}

/** A run that computes pending values; undefined where it is not worth another thread, or cannot be compiled. */
export function computeLater(runner: GraphRunner, values: readonly Pending[]): DeferredRun | undefined {
  const outputs = inOrder(values);
  let plan: Plan;
  let graph: CompiledGraph;
  try {
    plan = makePlan(outputs);
    graph = runner.ofPlan(plan);
  } catch {
    // It fails again, with its error, when a value of it is needed.
    return undefined;
  }
  if (!graph.isLong) return undefined;
  const run = runner.prepare(graph, leafTensors(plan));
  const tensors = new Map(outputs.map((output, index) => [output, run.results[index]!]));
  // Each is computed on its own from then on: whoever needs the one that fails gets the error.
  return new DeferredRun(run, { outputs: tensors, succeed: () => {}, fail: () => isolate(outputs) });
}

/** Lets every value be computed on its own, so that one that cannot be does not stand in the way of the others. */
export function isolate(values: readonly Pending[]): void {
  for (const value of values) value.isolated = true;
}

/** In the order in which they were made, so that equal programs make equal graphs. */
function inOrder(values: readonly Pending[]): Pending[] {
  return [...values].sort((a, b) => a.sequence - b.sequence);
}

function leafTensors({ leaves }: Plan): OrtTensor[] {
  return leaves.map(({ tensor }) => tensor);
}
